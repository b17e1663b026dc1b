"""Draws: provably fair, from odds that were committed to before the sale, and logged in a chain."""

from perkhub.campaigns.draws.draw import DrawnUnit, draw_units
from perkhub.campaigns.draws.log import DrawHead, draw_head, export_draws, link_all_draws, link_draws
from perkhub.campaigns.draws.seeds import DrawSeed, commit_odds, draw_seeds, retire_seed, rotate_seed
from perkhub.campaigns.draws.verify import DrawVerdict, verify_draws

__all__ = [
    "DrawHead",
    "DrawSeed",
    "DrawVerdict",
    "DrawnUnit",
    "commit_odds",
    "draw_head",
    "draw_seeds",
    "draw_units",
    "export_draws",
    "link_all_draws",
    "link_draws",
    "retire_seed",
    "rotate_seed",
    "verify_draws",
]
