// npm oidc-provider as ID-porten: the stricter of the two providers the tests sign in with.
// One line in: {"people": [{"key", "name", "pid", "claims"}]}; one line out: the issuer, when it
// answers. It ends when its input does. Clients come later, by POST /test/clients. There is no
// front-channel logout: the harness calls that address itself.
import { createHmac, generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { json, text } from 'node:stream/consumers';
import Provider, { errors, interactionPolicy } from 'oidc-provider';
import { createMemoryAdapter } from './node_modules/oidc-provider/lib/adapters/memory_adapter.js';

const LEVELS = ['idporten-loa-substantial', 'idporten-loa-high'];
const LONGEST = 120; // seconds an assertion, an ID token and a pushed request may live
const [line] = await once(createInterface({ input: process.stdin }).once('close', process.exit), 'line');
const { people } = JSON.parse(line);
const server = createServer().listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address();
const issuer = `http://127.0.0.1:${port}`;
const signing = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });
const known = new Map(people.map((person) => [person.key, person]));
const clients = new Map();
const kept = createMemoryAdapter();

const least = (params) => {
  const named = (params.acr_values ?? '').split(' ').filter((level) => LEVELS.includes(level));
  return Math.min(...named.map((level) => LEVELS.indexOf(level)), LEVELS.length - 1);
};

// oidc-provider takes acr_values as a wish; ID-porten takes it as a minimum.
const policy = interactionPolicy.base();
policy.get('login').checks.add(new interactionPolicy.Check(
  'level_too_low', 'A higher level is asked for', 'login_required',
  ({ oidc }) => oidc.params.acr_values
    && LEVELS.indexOf(oidc.result?.login?.acr ?? oidc.session.acr) < least(oidc.params),
));

async function account(_ctx, key) {
  const person = known.get(key);
  if (!person) return undefined;
  return {
    accountId: key,
    claims: async () => ({ sub: key, pid: person.pid ?? undefined, ...person.claims }),
  };
}

// One grant for each client of the session: nobody is asked what may be given on.
async function grant({ oidc }) {
  const { clientId } = oidc.client;
  const before = oidc.session.grantIdFor(clientId);
  if (before) return oidc.provider.Grant.find(before);
  const made = new oidc.provider.Grant({ clientId, accountId: oidc.session.accountId });
  made.addOIDCScope('openid profile');
  await made.save();
  return made;
}

function strict(_ctx, claims) {
  if (claims.aud !== issuer) throw new errors.InvalidClientAuth('aud is to be the issuer');
  if (!(claims.exp - claims.iat <= LONGEST)) throw new errors.InvalidClientAuth('exp is too late');
}

const provider = new Provider(issuer, {
  adapter: (model) => (model === 'Client' ? { find: async (id) => clients.get(id) } : kept(model)),
  acrValues: LEVELS,
  assertJwtClientAuthClaimsAndHeader: strict,
  claims: {
    openid: ['sub', 'pid', 'acr', 'amr', 'auth_time', ...people.flatMap((p) => Object.keys(p.claims))],
    profile: [],
  },
  clientAuthMethods: ['private_key_jwt'],
  conformIdTokenClaims: false,
  cookies: { keys: ['only for tests'], long: { sameSite: 'none', signed: true }, names: { session: `s${port}`, interaction: `i${port}`, resume: `r${port}` } },
  discovery: { ui_locales_supported: ['nb', 'nn', 'en', 'se'] },
  enabledJWA: { clientAuthSigningAlgValues: ['RS256'], idTokenSigningAlgValues: ['RS256'] },
  features: {
    backchannelLogout: { enabled: true },
    devInteractions: { enabled: false },
    pushedAuthorizationRequests: { enabled: true },
  },
  enableHttpPostMethods: true,
  fetch: (url, { dispatcher: _onlyPublic, ...how }) => fetch(url, how), // services are here
  findAccount: account,
  interactions: { policy, url: (_ctx, { uid }) => `/sign-in/${uid}` },
  jwks: { keys: [{ ...signing, use: 'sig', alg: 'RS256', kid: `node-${port}` }] },
  loadExistingGrant: grant,
  pairwiseIdentifier: (_ctx, key, { clientId }) => createHmac('sha256', issuer).update(`${clientId}\n${key}`).digest('hex').slice(0, 43),
  pkce: { required: () => true },
  responseTypes: ['code'],
  scopes: ['openid', 'profile'],
  subjectTypes: ['pairwise'],
  ttl: { AuthorizationCode: 60, IdToken: LONGEST, PushedAuthorizationRequest: LONGEST, Interaction: 600, Session: 7200, Grant: 7200 },
});

const described = (client) => ({
  ...client,
  backchannel_logout_session_required: true,
  grant_types: ['authorization_code'],
  id_token_signed_response_alg: 'RS256',
  response_types: ['code'],
  subject_type: 'pairwise',
  token_endpoint_auth_method: 'private_key_jwt',
  token_endpoint_auth_signing_alg: 'RS256',
});

const escaped = (words) => words.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

function page({ params }) {
  const levels = LEVELS.slice(least(params)).map((level) => `<option>${level}</option>`);
  const buttons = people.map((one) => `<button name="person" value="${escaped(one.key)}">${escaped(one.name)}</button>`);
  const language = (params.ui_locales ?? 'nb').split(' ')[0];
  return `<!doctype html><html lang="${escaped(language)}"><title>Test</title><form method="post">
<select name="level">${levels.reverse().join('')}</select>${buttons.join('')}<button name="cancel" value="1">x</button></form></html>`;
}

async function signIn(req, res) {
  const details = await provider.interactionDetails(req, res);
  if (req.method === 'GET') {
    res.setHeader('Content-Type', 'text/html; charset=utf-8');
    res.end(page(details));
    return;
  }
  const form = new URLSearchParams(await text(req));
  const login = { accountId: form.get('person'), acr: form.get('level'), amr: ['TestID'] };
  const isCancelled = form.has('cancel') || !known.has(login.accountId);
  const result = isCancelled ? { error: 'access_denied', error_description: 'cancelled' } : { login };
  await provider.interactionFinished(req, res, result, { mergeWithLastSubmission: false });
}

async function register(req, res) {
  const client = await json(req);
  clients.set(client.client_id, described(client));
  res.writeHead(204).end();
}

const own = { '/sign-in/': signIn, '/test/clients': register };
const rest = provider.callback();
const byHttp = (name, value) => (name.toLowerCase() === 'set-cookie'
  ? [value].flat().map((one) => one.replace(/samesite=none/i, 'samesite=lax')) : value);
server.on('request', async (req, res) => {
  const set = res.setHeader.bind(res);
  res.setHeader = (name, value) => set(name, byHttp(name, value)); // None is for https alone
  const path = Object.keys(own).find((start) => req.url.startsWith(start));
  try {
    await (path ? own[path](req, res) : rest(req, res));
  } catch (error) {
    res.writeHead(400, { 'Content-Type': 'text/plain' }).end(String(error));
  }
});
console.log(issuer);
