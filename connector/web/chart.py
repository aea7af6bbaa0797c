"""A bar chart of miles by day and partner, as shapes that a template draws: no script, no inline style."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

WIDTH, HEIGHT = 1080, 220
_LEFT, _RIGHT, _TOP, _BOTTOM = 60, 16, 8, 24
_GAP = 0.28  # of a day's width
_LABELS = 6  # days that are written below the bars


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle; ``series`` is the place of its partner, ``title`` what a pointer shows."""

    x: float
    y: float
    width: float
    height: float
    series: int
    title: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A line across the chart, and what it stands for."""

    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Label:
    """A day below the bars."""

    x: float
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything to be drawn, and the numbers themselves: ``rows`` has a day and the miles of each of ``names``."""

    names: tuple[str, ...]
    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    labels: tuple[Label, ...]
    zero: float
    rows: tuple[tuple[date, tuple[int, ...]], ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT

    @property
    def totals(self) -> tuple[int, ...]:
        """The miles of each partner in all."""
        return tuple(sum(miles[place] for _, miles in self.rows) for place in range(len(self.names)))


def chart(days: Sequence[date], miles: Mapping[str, Sequence[int]]) -> Chart:
    """Return the chart of the miles of each partner, one number for each day.

    The partners of a day stand on one another; what was taken back on a day hangs below the line.
    """
    names = tuple(miles)
    rows = tuple((day, tuple(miles[name][place] for name in names)) for place, day in enumerate(days))
    scale = _Scale.of(rows)
    return Chart(
        names=names,
        bars=tuple(_bars(names, rows, scale)),
        ticks=tuple(Tick(scale.y(value), f"{value:,}") for value in scale.ticks),
        labels=tuple(_labels(days)),
        zero=scale.y(0),
        rows=rows,
    )


@dataclass(frozen=True, slots=True)
class _Scale:
    """How miles become heights: from ``low`` (0 or below) to ``high``, in steps that people count in."""

    low: int
    high: int
    step: int

    @classmethod
    def of(cls, rows: Sequence[tuple[date, Sequence[int]]]) -> _Scale:
        most = max((sum(each for each in miles if each > 0) for _, miles in rows), default=0)
        least = min((sum(each for each in miles if each < 0) for _, miles in rows), default=0)
        step = _step(max(most, -least, 4) / 4)
        return cls(-(-least // -step) * -step if least else 0, max(step, -(-most // step) * step), step)

    @property
    def ticks(self) -> range:
        return range(self.low, self.high + 1, self.step)

    def y(self, value: float) -> float:
        room = HEIGHT - _TOP - _BOTTOM
        return round(_TOP + room * (self.high - value) / (self.high - self.low), 1)


def _step(rough: float) -> int:
    """Return a step of 1, 2 or 5 times a power of ten that is not less."""
    power = 1
    while power * 10 <= rough:
        power *= 10
    return next(power * each for each in (1, 2, 5, 10) if power * each >= rough)


def _bars(names: Sequence[str], rows: Sequence[tuple[date, Sequence[int]]], scale: _Scale) -> Iterator[Bar]:
    room = (WIDTH - _LEFT - _RIGHT) / max(1, len(rows))
    for place, (day, miles) in enumerate(rows):
        up = down = 0
        for series, (name, each) in enumerate(zip(names, miles, strict=True)):
            if not each:
                continue
            begin = up if each > 0 else down
            top, bottom = scale.y(max(begin, begin + each)), scale.y(min(begin, begin + each))
            up, down = (up + each, down) if each > 0 else (up, down + each)
            x = round(_LEFT + room * (place + _GAP / 2), 1)
            yield Bar(x, top, round(room * (1 - _GAP), 1), round(bottom - top, 1), series, f"{day}: {name} {each:,}")


def _labels(days: Sequence[date]) -> Iterator[Label]:
    room = (WIDTH - _LEFT - _RIGHT) / max(1, len(days))
    every = max(1, -(-len(days) // _LABELS))
    for place, day in enumerate(days):
        if (len(days) - 1 - place) % every == 0:
            yield Label(round(_LEFT + room * (place + 0.5), 1), f"{day:%d %b}")
