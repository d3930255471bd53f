"""A certificate made by oneself (sjølvlaga sertifikat), to try sealing with and for the demo.

`python -m deploy.certificate "Fjordvik" fjordvik.p12`. Nobody vouches for it: what is sealed
with it is whole, and a reader warns that the sealer is unknown.
"""

from __future__ import annotations

import os
import sys
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import NoEncryption, pkcs12
from cryptography.x509.oid import NameOID

from models.clock import utcnow

LASTS = timedelta(days=730)
BITS = 3072


def write(name: str, file: Path, lasts: timedelta = LASTS) -> None:
    """Key and certificate of `name`, readable by its owner only."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    who = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "NO"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, name[:64]),
            x509.NameAttribute(NameOID.COMMON_NAME, name[:64]),
        ]
    )
    use = dict.fromkeys(
        ("key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign",
         "encipher_only", "decipher_only"), False,
    )  # fmt: skip
    certificate = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(utcnow() - timedelta(days=1))
        .not_valid_after(utcnow() + lasts)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(digital_signature=True, content_commitment=True, **use), True)
        .sign(key, hashes.SHA256())
    )
    kept = pkcs12.serialize_key_and_certificates(
        name.encode(), key, certificate, None, NoEncryption()
    )
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(kept)


def main() -> int:
    if len(sys.argv) != 3:
        sys.stdout.write('python -m deploy.certificate "Fjordvik" fjordvik.p12\n')
        return 2
    write(sys.argv[1], Path(sys.argv[2]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
