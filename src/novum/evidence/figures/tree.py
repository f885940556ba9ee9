"""The search: nodes in the order of their proposal, by score, with their parents and operators."""

from typing import Any

from novum.evidence.figures.labels import axis_label, wrapped
from novum.evidence.figures.style import (
    COLUMN,
    FAINT,
    GREY,
    INK,
    PAGE,
    colour,
    marker,
    no_data,
    render,
    spans_decades,
)
from novum.evidence.samples import bounds_of, config_hash, gather
from novum.state import State

OPERATORS = ("draft", "debug", "improve", "tune", "ablate", "cross")


def tree_data(state: State) -> dict[str, Any]:
    """Explored nodes with their mean in the primary metric; None where no seed gave a value.

    Of a search over programs also `chosen`: the place of the one that the hidden phase chose.
    """
    assert state.domain is not None
    metric, order = state.domain.primary, {}
    measured: dict[str, list[Any]] = {}
    for m in state.measurements.values():
        if m.phase == "explore" and m.metric == metric.name:
            measured.setdefault(m.trial, []).append(m)
    nodes = []
    for trial in state.trials_in("explore"):
        node = state.nodes[trial.node]
        found = [m for m in measured.get(trial.id, []) if m.config_hash == config_hash(node.config)]
        arm = gather(node.config, metric, trial.seeds, found)
        score = sum(arm.values.values()) / len(arm.values) if arm.values else None
        order.setdefault(node.id, len(nodes))
        nodes.append({"place": len(nodes), "operator": node.operator, "score": score,
                      "parents": [order[p] for p in node.parents if p in order]})  # fmt: skip
    data = {"kind": "tree", "axis": axis_label(metric), "goal": metric.goal, "nodes": nodes,
            "bounded": bounds_of(metric) is not None}  # fmt: skip
    return data | ({"chosen": order.get(_chosen(state))} if state.commissions else {})


def _chosen(state: State) -> str:
    """The explored program that the protocol registers; empty if there is none."""
    registered = list(state.protocol.programs.values()) if state.protocol else []
    explored = (state.nodes[t.node] for t in state.trials_in("explore"))
    return next((n.id for n in explored if registered and n.workspace == registered[0]), "")


def draw_tree(data: dict[str, Any]) -> dict[str, bytes]:
    """Shapes are operators, lines lead to parents, the staircase is the best so far, crosses failed."""
    return render(_paint, data, PAGE if len(data["nodes"]) > 25 else COLUMN, 2.6)


def _paint(figure: Any, data: dict[str, Any]) -> None:
    nodes = data["nodes"]
    scored = [n for n in nodes if n["score"] is not None]
    if not scored:
        return no_data(figure, "no node has a score")
    axes = figure.subplots()
    if spans_decades([n["score"] for n in scored]):
        axes.set_yscale("log")
    for node in scored:
        for parent in node["parents"]:
            if nodes[parent]["score"] is not None:
                axes.plot([parent + 1, node["place"] + 1], [nodes[parent]["score"], node["score"]],
                          color=FAINT, lw=0.7, zorder=1)  # fmt: skip
    _staircase(axes, scored, data["goal"], len(nodes))
    _nodes(axes, scored)
    if (chosen := data.get("chosen")) is not None and nodes[chosen]["score"] is not None:
        axes.plot([chosen + 1], [nodes[chosen]["score"]], "o", ms=9, mfc="none", mec=INK, mew=1.0, ls="none",
                  zorder=4, label="chosen in the hidden phase")  # fmt: skip
    failed = [n["place"] + 1 for n in nodes if n["score"] is None]
    if failed:
        axes.plot(failed, [0.02] * len(failed), "x", ms=3.5, color=INK, mew=0.8, ls="none", clip_on=False,
                  transform=axes.get_xaxis_transform(), label="no value")  # fmt: skip
    axes.set_xlabel("Order of proposal")
    axes.set_ylabel(wrapped(data["axis"], 34))
    figure.legend(loc="outside lower center", ncols=5 if figure.get_figwidth() > COLUMN else 3,
                  columnspacing=1.0, handlelength=1.4)  # fmt: skip


def _nodes(axes: Any, scored: list[dict[str, Any]]) -> None:
    for i, operator in enumerate(OPERATORS):
        mine = [n for n in scored if n["operator"] == operator]
        if mine:
            axes.plot([n["place"] + 1 for n in mine], [n["score"] for n in mine], marker(i), ms=3.8,
                      color=colour(i), mec="white", mew=0.4, ls="none", label=operator, zorder=3)  # fmt: skip


def _staircase(axes: Any, scored: list[dict[str, Any]], goal: str, end: int) -> None:
    best: float | None = None
    x, y = [], []
    for node in scored:
        score = node["score"]
        if best is None or (score < best if goal == "minimize" else score > best):
            best = score
        x.append(node["place"] + 1)
        y.append(best)
    axes.step([*x, end], [*y, y[-1]], where="post", color=GREY, lw=0.8, ls=(0, (3, 1.5)), zorder=2,
              label="best so far")  # fmt: skip
