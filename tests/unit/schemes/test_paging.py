from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from connector.errors import Misconfigured, Unfinished
from connector.schemes.address import Address
from connector.schemes.paging import Page, Paging, Step

ADDRESS = Address("https://api.test/v1/members", {"status": "active"})


def page(count: int, total: int | None = None, **answer: Any) -> Page:
    """A page of ``count`` members."""
    return Page(answer, [{"id": each} for each in range(count)], total)


def walked(paging: Paging, pages: Sequence[Page]) -> list[str]:
    """The requests as long as these pages come, and "…" if another one would follow; "?" marks a probe."""
    paginator = paging.paginator(ADDRESS)
    step: Step | None = paginator.first()
    found = []
    for each in pages:
        assert step is not None, "there was no request for this page"
        found.append(step.target.removeprefix("/v1/members?status=active") + "?" * step.probe)
        step = paginator.after(each)
    return [*found, "…"] if step else found


class TestAnAddress:
    def test_is_called_as_it_stands(self) -> None:
        assert Address("https://api.test/members/").target({}) == "/members/"
        assert Address("https://api.test").target({}) == ""
        assert Address("http://[::1]:8080/members").origin == "http://[::1]:8080"

    def test_writes_every_parameter_so_that_it_arrives(self) -> None:
        target = ADDRESS.target({"since": "2026-11-01T12:00:00Z", "a&b": "c=d e+f"})
        assert target == "/v1/members?status=active&since=2026-11-01T12%3A00%3A00Z&a%26b=c%3Dd%20e%2Bf"

    @pytest.mark.parametrize(
        ("link", "target"),
        [
            ("https://api.test/v1/members?page=2", "/v1/members?page=2"),
            ("https://API.test:443/other?x=%2F#top", "/other?x=%2F"),
            ("?page=2&a=b", "/v1/members?page=2&a=b"),
            ("members?page=2", "/v1/members?page=2"),
            ("/v2/more", "/v2/more"),
            ("//api.test/v2", "/v2"),
            ("https://user:word@api.test/v2", "/v2"),
        ],
    )
    def test_follows_links_on_its_server(self, link: str, target: str) -> None:
        assert ADDRESS.follow(link, "/v1/members?page=1") == target

    @pytest.mark.parametrize(
        "link",
        [
            "https://evil.test/v1/members",
            "//evil.test/v1/members",
            "http://api.test/v1/members",
            "https://api.test:8443/v1/members",
            "https://api.test@evil.test/",
            "https://api.test\\@evil.test/",
            "https://api.test.evil.test/",
            "ftp://api.test/",
            "javascript:alert(1)",
        ],
    )
    def test_follows_no_link_to_another(self, link: str) -> None:
        with pytest.raises(Unfinished, match="is on another server; expected ") as caught:
            ADDRESS.follow(link, "/v1/members")
        assert "evil" not in str(caught.value)

    @pytest.mark.parametrize("link", ["https://[::1", "/a\nb", "/\ud800", "https://api.test:x/", "/" + "a" * 8000])
    def test_follows_nothing_that_is_no_link(self, link: str) -> None:
        with pytest.raises(Unfinished, match="is no address; expected "):
            ADDRESS.follow(link, "/v1/members")

    def test_of_this_machine_is_one_server_by_its_port(self) -> None:
        local = Address("http://127.0.0.1:8000/members")
        assert local.follow("http://127.0.0.1:8000/more", "/members") == "/more"
        with pytest.raises(Unfinished):
            local.follow("http://127.0.0.1:8001/more", "/members")


class TestOneAnswer:
    def test_is_asked_for_without_a_page(self) -> None:
        assert walked(Paging(), [page(3)]) == [""]

    def test_that_links_to_a_next_page_is_not_everything(self) -> None:
        with pytest.raises(Misconfigured, match=r"^scheme\.paging: the answer links to a next page; expected "):
            Paging().paginator(ADDRESS).after(Page([], [1], link="?page=2"))


class TestNumbers:
    """Pages by number, then by offset, of a server that gives at most two members a page."""

    @pytest.mark.parametrize(
        ("paging", "places"),
        [
            (Paging("page", 2), ("1", "2", "3")),
            (Paging("page", 2, first=0), ("0", "1", "2")),
            (Paging("offset", 2), ("0", "2", "4")),
        ],
    )
    def test_end_at_a_short_page_or_an_empty_one(self, paging: Paging, places: tuple[str, ...]) -> None:
        one, two, three = (f"&limit=2&page={place}" for place in places)
        assert walked(paging, [page(2), page(2), page(1)]) == [one, two, three]
        assert walked(paging, [page(2), page(2), page(0)]) == [one, two, three]
        assert walked(paging, [page(0)]) == [one]

    @pytest.mark.parametrize("kind", ["page", "offset"])
    def test_go_on_after_a_short_first_page_to_learn_whether_it_was_all(self, kind: Any) -> None:
        one, two = ("&limit=500&page=1", "&limit=500&page=2?")
        if kind == "offset":
            one, two = ("&limit=500&page=0", "&limit=500&page=3?")
        assert walked(Paging(kind), [page(3), page(0)]) == [one, two]

    def test_follow_a_server_whose_pages_are_smaller_than_asked_for(self) -> None:
        asked = walked(Paging("offset"), [page(100), page(100), page(40)])
        assert asked == ["&limit=500&page=0", "&limit=500&page=100?", "&limit=500&page=200"]

    def test_follow_a_server_whose_pages_are_larger_than_asked_for(self) -> None:
        assert walked(Paging("offset", 2), [page(5), page(2), page(1)])[1:] == ["&limit=2&page=5", "&limit=2&page=7"]

    @pytest.mark.parametrize("kind", ["page", "offset"])
    def test_end_where_the_total_says_so(self, kind: Any) -> None:
        assert len(walked(Paging(kind, 2), [page(2, 4), page(2, 4)])) == 2
        assert walked(Paging(kind, 2), [page(2, 5), page(1, 5)])[-1] == "…"
        assert walked(Paging(kind, 2), [page(2, 5), page(0, 5)])[-1] != "…"
        assert len(walked(Paging(kind, 5), [page(3, 3)])) == 1

    @pytest.mark.parametrize("kind", ["page", "offset"])
    def test_are_not_whole_when_the_total_falls_meanwhile(self, kind: Any) -> None:
        with pytest.raises(Unfinished, match="became shorter while it was read"):
            walked(Paging(kind, 2), [page(2, 5), page(2, 4)])
        assert walked(Paging(kind, 2), [page(2, 4), page(2, 5)])[-1] == "…"

    def test_are_sent_under_the_names_of_the_settings(self) -> None:
        assert walked(Paging("page", 7, "per_page", "p"), [page(0)]) == ["&per_page=7&p=1"]
        assert walked(Paging("page", 7, "", "p"), [page(0)]) == ["&p=1"]


class TestCursors:
    PAGING = Paging("cursor", 2, parameter="after", next="meta.next")

    def test_lead_from_page_to_page(self) -> None:
        pages = [page(2, meta={"next": "a b"}), page(0, meta={"next": 7}), page(2, meta={"next": 0}), page(1)]
        assert walked(self.PAGING, pages) == ["&limit=2", *(f"&limit=2&after={c}" for c in ("a%20b", "7", "0"))]

    @pytest.mark.parametrize(
        "answer", [{}, {"meta": None}, {"meta": {}}, *({"meta": {"next": e}} for e in (None, "", False))]
    )
    def test_end_where_there_is_none(self, answer: dict[str, Any]) -> None:
        assert walked(self.PAGING, [page(2, **answer)]) == ["&limit=2"]

    def test_that_come_twice_go_in_circles(self) -> None:
        tokens = [page(2, meta={"next": token}) for token in ("a", "b", "a")]
        with pytest.raises(Unfinished, match="goes in circles; expected every page once"):
            walked(self.PAGING, tokens)

    @pytest.mark.parametrize("answer", [{"meta": "secret"}, {"meta": {"next": ["secret"]}}, {"meta": {"next": True}}])
    def test_that_are_none_are_no_end(self, answer: dict[str, Any]) -> None:
        with pytest.raises(Unfinished, match=r"^scheme\.next: .*; expected ") as caught:
            walked(self.PAGING, [page(2, **answer)])
        assert "secret" not in str(caught.value)

    def test_are_looked_for_in_an_object(self) -> None:
        with pytest.raises(Unfinished, match=r"^scheme\.next: the answer is a list; expected an object"):
            walked(self.PAGING, [Page(["a"], ["a"])])


class TestLinks:
    def test_in_the_answer_are_followed_as_they_are(self) -> None:
        paging = Paging("link", 2, next="next")
        pages = [page(2, next="https://api.test/v1/members?cursor=x"), page(2, next="?cursor=y"), page(1, next=None)]
        assert walked(paging, pages) == ["&limit=2", "/v1/members?cursor=x", "/v1/members?cursor=y"]

    def test_in_the_header_are_followed_where_no_path_is_set(self) -> None:
        pages = [Page([], [1], link="/v1/members?after=1"), Page([], [2])]
        assert walked(Paging("link", 2, ""), pages) == ["", "/v1/members?after=1"]

    def test_are_relative_to_the_page_that_has_them(self) -> None:
        pages = [Page([], [1], link="/v2/all/one"), Page([], [2], link="two"), Page([], [3])]
        assert walked(Paging("link", 2), pages)[1:] == ["/v2/all/one", "/v2/all/two"]

    @pytest.mark.parametrize("links", [["?status=active&limit=2"], ["?a", "?b", "?a"]])
    def test_that_come_twice_go_in_circles(self, links: list[str]) -> None:
        with pytest.raises(Unfinished, match="goes in circles"):
            walked(Paging("link", 2), [Page([], [1], link=link) for link in links])
