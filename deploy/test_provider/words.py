"""What the provider's pages say, in three languages; Sámi readers get bokmål."""

from __future__ import annotations

_NN = {
    "title": "Logg inn med {name}",
    "warning": "Dette er berre ein test. Alle menneska her er oppdikta.",
    "level": "Kor sikkert skal du logge inn?",
    "idporten-loa-substantial": "Høgt nok for det meste (substantial)",
    "idporten-loa-high": "Høgaste nivå (high)",
    "people": "Kven vil du vere?",
    "no_number": "utan fødselsnummer",
    "cancel": "Avbryt",
    "out": "Du er logga ut av {name}",
    "leaving": "Vi loggar deg ut av tenestene du har brukt.",
    "go_on": "Gå vidare",
    "wrong": "Noko gjekk gale",
    "wrong_how": "Gå tilbake til tenesta du kom frå, og prøv ein gong til.",
    "languages": "Språk",
}
_NB = {
    "title": "Logg inn med {name}",
    "warning": "Dette er bare en test. Alle menneskene her er oppdiktet.",
    "level": "Hvor sikkert skal du logge inn?",
    "idporten-loa-substantial": "Høyt nok for det meste (substantial)",
    "idporten-loa-high": "Høyeste nivå (high)",
    "people": "Hvem vil du være?",
    "no_number": "uten fødselsnummer",
    "cancel": "Avbryt",
    "out": "Du er logget ut av {name}",
    "leaving": "Vi logger deg ut av tjenestene du har brukt.",
    "go_on": "Gå videre",
    "wrong": "Noe gikk galt",
    "wrong_how": "Gå tilbake til tjenesten du kom fra, og prøv en gang til.",
    "languages": "Språk",
}
_EN = {
    "title": "Sign in with {name}",
    "warning": "This is only a test. All the people here are invented.",
    "level": "How securely do you want to sign in?",
    "idporten-loa-substantial": "High enough for most things (substantial)",
    "idporten-loa-high": "Highest level (high)",
    "people": "Who do you want to be?",
    "no_number": "no identity number",
    "cancel": "Cancel",
    "out": "You are signed out of {name}",
    "leaving": "We are signing you out of the services you have used.",
    "go_on": "Go on",
    "wrong": "Something went wrong",
    "wrong_how": "Go back to the service you came from, and try once more.",
    "languages": "Language",
}
WORDS = {"nn": _NN, "nb": _NB, "en": _EN}
