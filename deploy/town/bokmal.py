"""What the demo's people say in a municipality that writes bokmål (bokmål): nynorsk -> bokmål."""

from __future__ import annotations

BOKMAL = {
    "ho med fløyta": "hun med fløyten",
    "Helse og meistring": "Helse og mestring",
    "kontaktlærar": "kontaktlærer",
    "Hjelper til i kvardagen": "Hjelper til i hverdagen",
    "Det er greitt, seier barnet.": "Det er greit, sier barnet.",
    "Ringje skulen om skyss": "Ringe skolen om skyss",
    "Velkomne": "Velkommen",
    "Her snakkar vi saman.": "Her snakker vi sammen.",
    "Møte om skuledagen": "Møte om skoledagen",
    "Ho får bruke grupperommet to dagar i veka": "Hun får bruke grupperommet to dager i uken",
    "Kva er viktigast no?": "Hva er viktigst nå?",
    "Skyss frå januar": "Skyss fra januar",
    "Korleis det går": "Hvordan det går",
    "Korleis det går etter jul": "Hvordan det går etter jul",
    "Onsdagane er tunge etter helg": "Onsdagene er tunge etter helg",
    "Ein roleg plass i pausane": "En rolig plass i pausene",
    "Har snakka med fysioterapeuten": "Har snakket med fysioterapeuten",
    "Berre til deg": "Bare til deg",
    "Kan du ringje?": "Kan du ringe?",
    "Eg vil symje 25 meter": "Jeg vil svømme 25 meter",
    "Eg vil ha ro i timane": "Jeg vil ha ro i timene",
    "Råd frå ergoterapeuten": "Råd fra ergoterapeuten",
    "Bli trygg med hovudet under vatn": "Bli trygg med hodet under vann",
    "Prøve saman med ein vaksen": "Prøve sammen med en voksen",
    "Øving kvar onsdag": "Øving hver onsdag",
    "Er der kvar dag til klokka to. Har to gode venner.": (
        "Er der hver dag til klokka to. Har to gode venner."
    ),
    "Rolege stunder går fint. Pausane er bråkete og slitsame.": (
        "Rolige stunder går fint. Pausene er bråkete og slitsomme."
    ),
    "Er flink til å teikne. Nokon lagar bilete av dagen.": (
        "Er flink til å tegne. Noen lager bilder av dagen."
    ),
    "Vil symje heilt ut til holmen.": "Vil svømme helt ut til holmen.",
    "Eg er glad i tog, og eg kan alle stasjonane.": (
        "Jeg er glad i tog, og jeg kan alle stasjonene."
    ),
    "At de seier frå i god tid når noko blir annleis.": (
        "At dere sier fra i god tid når noe blir annerledes."
    ),
    "Teikne kart, symje og hugse namn.": "Tegne kart, svømme og huske navn.",
    "Sei éin ting om gongen, og vent litt på svaret.": (
        "Si én ting om gangen, og vent litt på svaret."
    ),
    "Eg likar ikkje at nokon tek på meg utan å spørje.": (
        "Jeg liker ikke at noen tar på meg uten å spørre."
    ),
    "Eg svarar same dagen, og seier frå når natta har vore dårleg.": (
        "Jeg svarer samme dag, og sier fra når natten har vært dårlig."
    ),
    "At du ringjer før noko er blitt vanskeleg.": "At du ringer før noe er blitt vanskelig.",
    "Melding her. Ring mellom tre og fire.": "Melding her. Ring mellom tre og fire.",
    "Fråvær og skyss": "Fravær og skyss",
    "Stolen, når noko er øydelagt": "Stolen, når noe er ødelagt",
    "Ny stol kjem om tre veker. Dei ringjer før dei kjem.": (
        "Ny stol kommer om tre uker. De ringer før de kommer."
    ),
    "Skule": "Skole",
    "Låne ut symjebelte og vise korleis det blir brukt": (
        "Låne ut svømmebelte og vise hvordan det blir brukt"
    ),
    "Finne ein roleg krok til friminutta": "Finne en rolig krok til friminuttene",
    "Søkje om avlasting annakvar helg": "Søke om avlastning annenhver helg",
    "Lage fast rute for skulebussen": "Lage fast rute for skolebussen",
    "Hemmeleg 1": "Hemmelig 1",
    "Fjordvegen 12": "Fjordveien 12",
    "Ein roleg plass på skulen": "Et rolig sted på skolen",
    "Hei! I dag kom han heim med vondt i hovudet att. Har de ein plass der han kan sitje "
    "litt for seg sjølv etter storefri?": (
        "Hei! I dag kom han hjem med vondt i hodet igjen. Har dere et sted der han kan sitte "
        "litt for seg selv etter storefri?"
    ),
    "Ja, vi har rydda kroken ved biblioteket. Slik ser han ut. "
    "Han kan gå dit når han vil, utan å spørje fyrst.": (
        "Ja, vi har ryddet kroken ved biblioteket. Slik ser den ut. "
        "Han kan gå dit når han vil, uten å spørre først."
    ),
    "Så fint! Vi prøver frå måndag.": "Så fint! Vi prøver fra mandag.",
    "Så fint! Vi prøver frå tysdag, måndag er han hos legen.": (
        "Så fint! Vi prøver fra tirsdag, mandag er han hos legen."
    ),
}
