"""Sealing a file (segling): PAdES, by the municipality, and no change is allowed after it.

eIDAS art. 3(25), ETSI EN 319 142. pyHanko is imported when it is first used: only the worker
seals.
"""

from __future__ import annotations

from io import BytesIO

from integrations.certificate import BadCertificate, Certificate

FIELD = "Seal"


class NoTimestamp(Exception):
    """The time-stamp authority did not answer, or not as it should."""


def sealed(pdf: bytes, certificate: Certificate) -> bytes:
    """`pdf` with a seal over the whole of it, and a time stamp where one is set.

    Raises: BadCertificate, NoTimestamp.
    """
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import signers
    from pyhanko.sign.fields import InvisSigSettings, MDPPerm, SigFieldSpec, SigSeedSubFilter
    from pyhanko.sign.timestamps import TimestampRequestError
    from pyhanko.sign.timestamps.requests_client import RequestsHTTPTimeStamper

    class AsItIs(IncrementalPdfFileWriter):
        """What the file says of itself was said once: written anew it is no longer PDF/A."""

        def _update_meta(self) -> None:
            return None

    certificate.last_day()  # says what is wrong in words of ours
    file, secret = str(certificate.file), certificate.secret()
    signer = signers.SimpleSigner.load_pkcs12(file, passphrase=secret)  # type: ignore[no-untyped-call]
    if signer is None:
        raise BadCertificate("it cannot be used for sealing")
    how = signers.PdfSignatureMetadata(
        field_name=FIELD, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES,
        certify=True, docmdp_permissions=MDPPerm.NO_CHANGES,
    )  # fmt: skip
    # outside the page: a seal nobody sees, as both PDF/A and PDF/UA want it
    unseen = InvisSigSettings(set_print_flag=True, box_out_of_bounds=True)
    place = SigFieldSpec(FIELD, invis_sig_settings=unseen)
    stamper = None
    if certificate.timestamp:
        stamper = RequestsHTTPTimeStamper(certificate.timestamp)  # type: ignore[no-untyped-call]
    try:
        done = signers.sign_pdf(AsItIs(BytesIO(pdf)), how, signer, stamper, new_field_spec=place)
    except (TimestampRequestError, OSError) as why:
        raise NoTimestamp(type(why).__name__) from None
    whole: bytes = done.getvalue()
    return whole
