"""Sealing a file (segling): PAdES, by the municipality, and no change is allowed after it.

eIDAS art. 3(25), ETSI EN 319 142. pyHanko is imported when it is first used: only the worker
seals.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any

from integrations.certificate import BadCertificate, Certificate

FIELD = "Seal"


class NoTimestamp(Exception):
    """The time-stamp authority did not answer, or not as it should."""


def sealed(pdf: bytes, certificate: Certificate, name: str) -> bytes:
    """`pdf` with a seal over the whole of it, and a time stamp where one is set. `name`: what
    the seal is called to those who have the file read aloud.

    Raises: BadCertificate, NoTimestamp.
    """
    from pyhanko.sign import signers
    from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
    from pyhanko.sign.timestamps import TimestampRequestError
    from pyhanko.sign.timestamps.requests_client import RequestsHTTPTimeStamper

    certificate.last_day()  # says what is wrong in words of ours
    file, secret = str(certificate.file), certificate.secret()
    signer = signers.SimpleSigner.load_pkcs12(file, passphrase=secret)  # type: ignore[no-untyped-call]
    if signer is None:
        raise BadCertificate("it cannot be used for sealing")
    how = signers.PdfSignatureMetadata(
        field_name=FIELD, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES,
        certify=True, docmdp_permissions=MDPPerm.NO_CHANGES,
    )  # fmt: skip
    stamper = None
    if certificate.timestamp:
        stamper = RequestsHTTPTimeStamper(certificate.timestamp)  # type: ignore[no-untyped-call]
    try:
        with ThreadPoolExecutor(1) as own:  # it runs a loop, which a thread has one of at most
            done = own.submit(
                signers.sign_pdf, _with_place(pdf, name), how, signer, stamper
            ).result()
    except (TimestampRequestError, OSError) as why:
        raise NoTimestamp(type(why).__name__) from None
    whole: bytes = done.getvalue()
    return whole


def _with_place(pdf: bytes, name: str) -> Any:
    """The file with a place for the seal: outside the page, for a seal nobody sees is what both
    PDF/A and PDF/UA allow, and in the order of reading."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.fields import InvisSigSettings, SigFieldSpec, append_signature_field

    class AsItIs(IncrementalPdfFileWriter):
        """What the file says of itself was said once: written anew it is no longer PDF/A."""

        def _update_meta(self) -> None:
            return None

    writer = AsItIs(BytesIO(pdf))
    unseen = InvisSigSettings(set_print_flag=True, box_out_of_bounds=True)
    place = SigFieldSpec(FIELD, invis_sig_settings=unseen, readable_field_name=name)
    append_signature_field(writer, place)
    _put_in_order(writer, name)
    return writer


def _put_in_order(writer: Any, name: str) -> None:
    """Have the seal met at the end of the text (ISO 14289-1, 7.18.4): a Form in the structure,
    which points at the seal, and the seal back at it."""
    from pyhanko.pdf_utils import generic

    g: Any = generic  # its classes say no types

    tree = writer.root["/StructTreeRoot"]
    text, page = tree["/K"].raw_get(0), writer.root["/Pages"]["/Kids"].raw_get(0)
    seal = page.get_object()["/Annots"].raw_get(-1)
    numbers = tree["/ParentTree"]["/Nums"]
    number = g.NumberObject(len(numbers) // 2)
    points = {g.pdf_name("/Type"): g.pdf_name("/OBJR"), g.pdf_name("/Obj"): seal}
    form = writer.add_object(
        g.DictionaryObject(
            {
                g.pdf_name("/Type"): g.pdf_name("/StructElem"),
                g.pdf_name("/S"): g.pdf_name("/Form"),
                g.pdf_name("/P"): text,
                g.pdf_name("/Pg"): page,
                g.pdf_name("/Alt"): g.pdf_string(name),
                g.pdf_name("/K"): g.ArrayObject([g.DictionaryObject(points)]),
            }
        )
    )
    text.get_object()["/K"].append(form)
    numbers.extend([number, form])
    seal.get_object()["/StructParent"] = number
    for changed in (text.get_object()["/K"], numbers, seal.get_object()):
        writer.update_container(changed)
