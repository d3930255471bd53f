"""What the demo's people say in a municipality that writes bokmål (bokmål): nynorsk -> bokmål."""

from __future__ import annotations

BOKMAL = {
    "Helse og meistring": "Helse og mestring",
    "kontaktlærar": "kontaktlærer",
    "Hjelper til i kvardagen": "Hjelper til i hverdagen",
    "Det er greitt, seier barnet.": "Det er greit, sier barnet.",
    "Ringje skulen om skyss": "Ringe skolen om skyss",
    "Velkomne": "Velkommen",
    "Her snakkar vi saman.": "Her snakker vi sammen.",
    "Møte om skuledagen": "Møte om skoledagen",
    "1. Kva er viktigast no?": "1. Hva er viktigst nå?",
    "Berre til deg": "Bare til deg",
    "Kan du ringje?": "Kan du ringe?",
    "Eg vil symje 25 meter": "Jeg vil svømme 25 meter",
    "Eg vil ha ro i timane": "Jeg vil ha ro i timene",
    "Råd frå ergoterapeuten": "Råd fra ergoterapeuten",
    "Bli trygg med hovudet under vatn": "Bli trygg med hodet under vann",
    "Prøve saman med ein vaksen": "Prøve sammen med en voksen",
    "Øving kvar onsdag": "Øving hver onsdag",
    "Skule": "Skole",
    "Hemmeleg 1": "Hemmelig 1",
    "Fjordvegen 12": "Fjordveien 12",
}
