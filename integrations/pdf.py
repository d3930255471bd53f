"""From HTML to a file that is read for as long as archives last (PDF/A-2a, PDF/UA-1).

WeasyPrint is imported when it is first used: it takes room, and only the worker needs it.
ISO 19005-2, ISO 14289-1; forskrift om universell utforming av ikt-løysingar § 4.
"""

from __future__ import annotations

from typing import Any

_EXTENSION = b"""<rdf:Description rdf:about=""
 xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
 xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA Universal Accessibility Schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of ISO 14289 the file conforms to</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>
<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">
<pdfuaid:part>1</pdfuaid:part></rdf:Description></rdf:RDF>"""
"""Says that it is PDF/UA too, in a way PDF/A knows: what is not declared may not stand there."""


def as_pdf(html: str, style: str) -> bytes:
    """A tagged file with everything in it. Nothing is fetched, whatever `html` points at."""
    from weasyprint import CSS, HTML
    from weasyprint.urls import FatalURLFetchingError, URLFetcher

    class Nothing(URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, headers: Any = None) -> Any:
            raise FatalURLFetchingError("what is made here points at nothing")

    document = HTML(string=html, url_fetcher=Nothing())
    made: bytes = document.write_pdf(
        stylesheets=[CSS(string=style, url_fetcher=Nothing())],
        pdf_variant="pdf/a-2a", pdf_tags=True, finisher=_also_accessible,
    )  # fmt: skip
    return made


def _also_accessible(_document: Any, pdf: Any) -> None:
    said = pdf.objects[int(pdf.catalog["Metadata"].split()[0])]
    said.stream = [b"".join(said.stream).replace(b"</rdf:RDF>", _EXTENSION)]
    for one in pdf.objects:
        if isinstance(one, dict) and one.get("Type") == "/Page":
            one["Tabs"] = "/S"  # the seal is on a page, and is met in the order of the text
