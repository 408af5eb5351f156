"""All the ways to say a line as one graph, and the way through it that a sound took.

written      it's       grey
graph        0 --it'z--> 1 --grey--> 2         every edge is one pronunciation of one word
             0 --it--> 3 --is--> 1
             0 --it--> 4 --has--> 1
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sottovoce_engine.judge.pronouncing import pronunciations
from sottovoce_engine.judge.written_words import WrittenWord


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """One spoken word in one pronunciation."""

    start: int  # state; 0 is the line's beginning
    end: int
    phones: tuple[str, ...]
    word: int  # index among the written words


@dataclass(frozen=True, slots=True, kw_only=True)
class LineGraph:
    """The edges, and the state in which the line is said to its end."""

    edges: tuple[Edge, ...]
    final: int


def line_graph(words: Sequence[WrittenWord]) -> LineGraph | None:
    """The graph of the words that can be pronounced; None where there is none."""
    said = [(index, ways) for index, word in enumerate(words) if (ways := _ways_to_say(word))]
    edges: list[Edge] = []
    fresh = len(said) + 1
    for place, (index, ways) in enumerate(said):
        for reading in ways:
            inner = range(fresh, fresh + len(reading) - 1)
            states = (place, *inner, place + 1)
            fresh += len(inner)
            edges += [
                Edge(start=states[step], end=states[step + 1], phones=phones, word=index)
                for step, pronounced in enumerate(reading)
                for phones in pronounced
            ]
    return LineGraph(edges=tuple(edges), final=len(said)) if said else None


def path_through(graph: LineGraph, sounds: Sequence[tuple[str, ...]]) -> tuple[Edge, ...] | None:
    """The edges that were taken where those `sounds` were found one after the other; None where none lead to the end."""
    leaving: dict[tuple[int, tuple[str, ...]], list[Edge]] = {}
    for edge in graph.edges:
        leaving.setdefault((edge.start, edge.phones), []).append(edge)
    reached: list[dict[int, Edge]] = []
    states = {0}
    for sound in sounds:
        reached.append({edge.end: edge for state in states for edge in leaving.get((state, sound), ())})
        states = set(reached[-1])
    if graph.final not in states or not sounds:
        return None
    path = [reached[-1][graph.final]]
    for step in reversed(reached[:-1]):
        path.append(step[path[-1].start])
    return tuple(reversed(path))


def _ways_to_say(word: WrittenWord) -> list[list[tuple[tuple[str, ...], ...]]]:
    """Its readings, each of its words in all its pronunciations; without those that hold a word that has none."""
    each = [[pronunciations(spoken) for spoken in reading] for reading in word.readings]
    return [reading for reading in each if all(reading)]
