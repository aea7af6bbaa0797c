from __future__ import annotations

from datetime import date
from decimal import Decimal

from connector.domain.decision import decide
from connector.domain.forecast import Difference, Differences, Forecast
from tests.unit.domain.stay_makers import NOW, contract, item, stay


def differing(number: int, by: int) -> Difference:
    return Difference(abs(by), f"n-{number}", f"r-{number}", "wien", date(2026, 12, 12), 100, 100 + by, "", "")


def test_totals_stand_by_property_and_over_all_with_their_cost() -> None:
    forecast = Forecast(Decimal("0.0115"))
    forecast.add("wien", decide(stay(item(gross="100.00")), contract(), NOW))
    forecast.add("linz", decide(stay(item(gross="50.00")), contract(), NOW))
    forecast.add("linz", decide(stay(memberships=()), contract(), NOW))
    told = forecast.as_json()
    assert (told["miles"], told["cost"], told["reasons"]) == (150, "1.7250", {"no_membership": 1})
    assert told["stays"] == {"seen": 3, "awarded": 2, "suspended": 0, "excluded": 1, "waiting": 0}
    assert list(told["properties"]) == ["linz", "wien"]  # type: ignore[call-overload]
    assert told["properties"]["linz"]["cost"] == "0.5750"  # type: ignore[index]


def test_of_many_differences_only_the_biggest_are_held() -> None:
    differences = Differences(most=3)
    for number, by in enumerate([5, 0, -900, 40, 7, 41, -1]):
        differences.add(differing(number, by))
        assert len(differences._heap) <= 3
    assert differences.count == 6
    assert [each.size for each in differences.biggest()] == [900, 41, 40]


def test_no_list_is_asked_for() -> None:
    differences = Differences(most=0)
    differences.add(differing(1, 5))
    assert (differences.count, differences.biggest()) == (1, [])
