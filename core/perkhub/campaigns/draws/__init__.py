"""Draws: provably fair, from odds that were committed to before the sale, and logged in a chain."""

from perkhub.campaigns.draws.draw import Boxes, DrawnUnit, draw_units
from perkhub.campaigns.draws.log import DrawHead, draw_head, export_draws, link_all_draws, link_draws
from perkhub.campaigns.draws.read import Drawn, draws_of_lines, newest_draws, present_seeds, seeds_by_ids, seeds_over
from perkhub.campaigns.draws.seeds import DrawSeed, commit_odds, draw_seeds, retire_seed, retire_seeds, rotate_seed
from perkhub.campaigns.draws.tickets import DrawTicket, keep_tickets, kept_tickets, tickets_of
from perkhub.campaigns.draws.verify import DrawVerdict, verify_draws

__all__ = [
    "Boxes",
    "DrawHead",
    "DrawSeed",
    "DrawTicket",
    "DrawVerdict",
    "Drawn",
    "DrawnUnit",
    "commit_odds",
    "draw_head",
    "draw_seeds",
    "draw_units",
    "draws_of_lines",
    "export_draws",
    "keep_tickets",
    "kept_tickets",
    "link_all_draws",
    "link_draws",
    "newest_draws",
    "present_seeds",
    "retire_seed",
    "retire_seeds",
    "rotate_seed",
    "seeds_by_ids",
    "seeds_over",
    "tickets_of",
    "verify_draws",
]
