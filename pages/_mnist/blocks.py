"""A network as a learner builds it: blocks of convolution and pooling, then layers of neurons."""

from __future__ import annotations

from typing import NamedTuple

from core.architecture import Part, parse_layers


class Block(NamedTuple):
    """A convolution, and the pooling behind it, if any."""

    kernels: int = 16
    size: int = 3
    pooling: str = "max2"  # as in the layers' text; empty for none
    padding: int = 0


class Plan(NamedTuple):
    """Blocks, then the widths of the fully connected hidden layers."""

    blocks: tuple[Block, ...]
    widths: tuple[int, ...]


def read_plan(text: str) -> Plan | None:
    """Return the plan that a text of layers follows, or None if it is no such plan.

    That is so where pooling stands at the very beginning or behind other pooling.

    Raises
    ------
    ArchitectureError
        If the text cannot be read at all.
    """
    blocks: list[Block] = []
    widths = []
    for part in parse_layers(text):
        if part.kind == "n":
            widths.append(part.units)
        elif part.kind == "c":
            blocks.append(Block(part.units, part.size, "", part.padding))
        elif blocks and not blocks[-1].pooling:
            blocks[-1] = blocks[-1]._replace(pooling=str(part))
        else:
            return None
    return Plan(tuple(blocks), tuple(widths))


def write_plan(plan: Plan) -> str:
    """Write a plan as the text that ``read_plan`` reads."""
    words = []
    for block in plan.blocks:
        # Padding is set in the text only; a smaller kernel leaves less room for it.
        padding = min(block.padding, block.size - 1)
        words.append(str(Part("c", block.kernels, block.size, padding)))
        words.append(block.pooling)
    words += map(str, plan.widths)
    return "-".join(filter(None, words))
