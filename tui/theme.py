"""The program's own themes. Widgets name tokens only; this is the one place where colours are written."""

from __future__ import annotations

from textual.theme import Theme

__all__ = ["DAY", "NIGHT"]

NIGHT = Theme(
    name="pipemedic-night",
    primary="#5B8DEF",
    secondary="#A78BFA",
    accent="#56C7D6",
    foreground="#D6DBE4",
    background="#10141B",
    surface="#161B24",
    panel="#1E2530",
    success="#6CC788",
    warning="#E6B450",
    error="#F2706B",
    dark=True,
    variables={
        "footer-key-foreground": "#56C7D6",
        "block-cursor-text-style": "none",
        "scrollbar": "#2B3442",
        "scrollbar-hover": "#3A4659",
        "scrollbar-active": "#5B8DEF",
        "scrollbar-background": "#10141B",
        "scrollbar-background-hover": "#10141B",
        "scrollbar-background-active": "#10141B",
        "scrollbar-corner-color": "#10141B",
    },
)

DAY = Theme(
    name="pipemedic-day",
    primary="#2457B2",
    secondary="#6941C6",
    accent="#0E7C8B",
    foreground="#1B2330",
    background="#FAFAF7",
    surface="#F1F1EC",
    panel="#E6E6DF",
    success="#1B7F3B",
    warning="#9A6700",
    error="#C02F2A",
    dark=False,
    variables={
        "footer-key-foreground": "#0E7C8B",
        "block-cursor-text-style": "none",
        "scrollbar": "#C9C9C0",
        "scrollbar-hover": "#B3B3A8",
        "scrollbar-active": "#2457B2",
        "scrollbar-background": "#FAFAF7",
        "scrollbar-background-hover": "#FAFAF7",
        "scrollbar-background-active": "#FAFAF7",
        "scrollbar-corner-color": "#FAFAF7",
    },
)
