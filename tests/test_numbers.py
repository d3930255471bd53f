"""Numbers people look at: small ones blurred, totals that keep silent, a table under each chart."""

from __future__ import annotations

import itertools
import random
import re
from collections import Counter
from datetime import timedelta
from xml.etree import ElementTree

import pytest

from models.clock import today
from models.municipality import Department
from models.people import Person
from models.plan import Plan, PlanRegister
from models.vocabulary import PlanStatus, PlanType
from services.numbers import Number, blurred, total
from views.office.numbers import chart

pytestmark = pytest.mark.a_page


@pytest.mark.parametrize(
    "count, said", [(0, "0"), (1, "1–4"), (3, "1–4"), (4, "1–4"), (5, "5"), (12, "12")]
)
def test_one_to_four_is_shown_as_such(count, said):
    assert str(blurred(count)) == said


def test_no_total_says_more_than_its_parts():
    """Whatever the counts are: everything the blurred ones could be is still possible."""
    dice = random.Random(7)
    for _ in range(300):
        counts = [dice.randrange(9) for _ in range(dice.randrange(1, 5))]
        numbers = [blurred(count) for count in counts]
        whole = total(numbers)
        could = [range(n.low, n.high + 1) for n in numbers]
        sums = {sum(one) for one in itertools.product(*could)}
        assert (whole.low, whole.high) == (min(sums), max(sums))
    assert str(total([blurred(20), blurred(2)])) == "21–24"
    assert str(total([blurred(20), blurred(6)])) == "26"
    assert total([]) == Number(0, 0)


def test_a_blurred_bar_is_as_long_as_every_other():
    drawn = chart("x", "X", "Y", Counter({"a": 1, "b": 4, "c": 20, "d": 0, "æ" * 80: 5}))
    share = {bar.label: bar.share for bar in drawn.bars}
    assert share["a"] == share["b"] > share["d"] == 0 and share["c"] == 1
    assert next(bar.label for bar in drawn.bars) == "c"
    assert max(len(bar.short) for bar in drawn.bars) <= 36


@pytest.fixture
def busy(desk, town):
    """Six late plans of health, two of school, and one of nobody's that is closed."""
    with desk.system() as session:
        school = Department(municipality_id=town.municipality_id, name="School <b>")
        session.add(school)
        session.flush()
        homes = [town.rows["department"]] * 6 + [school.id] * 2 + [None]
        for n, home in enumerate(homes):
            child = Person(name=f"Secret {n}", municipality_id=town.municipality_id)
            session.add(child)
            session.flush()
            plan = Plan(
                person_id=child.id, municipality_id=town.municipality_id, short_name=f"ZZ {n}",
                type=PlanType.RELAY_LOG, status=PlanStatus.ACTIVE,
                owner_decides_from=today(), guardian_until=today(),
            )  # fmt: skip
            session.add(plan)
            session.flush()
            session.add(
                PlanRegister(
                    plan_id=plan.id,
                    person_id=child.id,
                    municipality_id=town.municipality_id,
                    type=plan.type,
                    department_id=home,
                    opened_on=today(),
                    status=PlanStatus.ACTIVE if home else PlanStatus.CLOSED,
                    next_evaluation=today() - timedelta(days=1),
                )
            )
        session.commit()


def rows_of(page, id_):
    figure = page.split(f'aria-labelledby="{id_}-title"')[1].split("</figure>")[0]
    pairs = re.findall(r'<th scope="row">([^<]*)</th>\s*<td class="ms-num">([^<]*)</td>', figure)
    svg = ElementTree.fromstring(figure[figure.index("<svg") : figure.index("</svg>") + 6])
    return dict(pairs), svg


def test_the_chart_says_what_the_table_says_and_names_nobody(browser, town, busy):
    page = browser("office").get("/register/numbers/").text
    table, svg = rows_of(page, "late")
    assert table["Health"] == "6" and table["School &lt;b&gt;"] == "1–4"
    assert table["In all"] == "7–10"
    drawn = [text.text for text in svg.iter("text")]
    assert drawn[:2] == ["Health", "6"] and "School <b>" in drawn and "1–4" in drawn
    assert svg.get("role") == "img"
    ids = {svg.find("title").get("id"), svg.find("desc").get("id")}
    assert ids == set(svg.get("aria-labelledby").split())
    assert "Health with 6" in svg.find("desc").text
    assert "Secret" not in page and "ZZ " not in page and "style=" not in page


def test_another_town_has_numbers_of_its_own(browser, busy):
    page = browser("foreign office").get("/register/numbers/").text
    assert "School" not in page and "Health" not in page


@pytest.mark.parametrize("who", ["admin", "coordinator", "mother", "nurse"])
def test_the_numbers_are_for_the_coordinating_unit(browser, who):
    assert browser(who).get("/register/numbers/").status_code == 403
    assert "/register/numbers/" not in browser(who).get("/").text
