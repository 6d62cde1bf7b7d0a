"""The style of drawn graphs, in light, in dark and on paper. Made from the tones; knows no document."""

from __future__ import annotations

from collections.abc import Iterator

from dockerdecl.cli.render.graph_looks import TONES

_NETWORKS = (
    *(("#2563eb", "#60a5fa"), ("#d97706", "#fbbf24"), ("#059669", "#34d399"), ("#db2777", "#f472b6")),
    *(("#7c3aed", "#a78bfa"), ("#0891b2", "#22d3ee"), ("#65a30d", "#a3e635"), ("#475569", "#94a3b8")),
)

_FIXED = """
.dd-graph text{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;fill:#1b2733}
.dd-graph .dd-paper{fill:#fbfcfd}
.dd-graph .dd-box{fill:#fff;stroke:#cfd7df;stroke-width:1.2}
.dd-graph .dd-dashed .dd-box{stroke-dasharray:5 4;stroke-width:1.6}
.dd-graph .dd-title{font-size:21px;font-weight:700}
.dd-graph .dd-heading{font-size:12px;font-weight:700;letter-spacing:.04em}
.dd-graph .dd-name{font-size:13.5px;font-weight:650}
.dd-graph .dd-detail,.dd-graph .dd-chip{font-size:11px;fill:#5b6875}
.dd-graph .dd-port{font-size:11px;font-family:ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace}
.dd-graph .dd-state{font-size:11px;font-weight:600}
.dd-graph .dd-word{font-size:10.5px;fill:#44525f;paint-order:stroke;stroke:#fbfcfd;stroke-width:4px}
.dd-graph .dd-line{fill:none;stroke:#8a97a5;stroke-width:1.5}
.dd-graph .dd-tip{fill:#66737f}
.dd-graph .dd-icon{fill:none;stroke:#66737f;stroke-width:1.4;stroke-linejoin:round}
.dd-graph .dd-l-link{stroke-width:2.4;stroke:#5b7fb5}
.dd-graph .dd-l-namespace{stroke-dasharray:9 3 2 3}
.dd-graph .dd-l-volumes_from{stroke-dasharray:2 3}
.dd-graph .dd-l-volume{stroke:#b08f5c}
.dd-graph .dd-l-volume-ro{stroke:#b08f5c;stroke-dasharray:6 4}
.dd-graph a{cursor:pointer;outline:none}
.dd-graph a:hover .dd-box{stroke-width:2.4}
.dd-graph a:focus-visible .dd-box{stroke:#2563eb;stroke-width:3;stroke-dasharray:none}
"""
_DARK = """
.dd-graph text{fill:#e6ebf0}
.dd-graph .dd-paper{fill:#12171d}
.dd-graph .dd-box{fill:#1b222b;stroke:#3a4654}
.dd-graph .dd-detail,.dd-graph .dd-chip{fill:#a3b0bd}
.dd-graph .dd-word{fill:#c3ccd5;stroke:#12171d}
.dd-graph .dd-line{stroke:#6f7d8b}
.dd-graph .dd-tip{fill:#93a1af}
.dd-graph .dd-icon{stroke:#93a1af}
.dd-graph .dd-l-link{stroke:#6f97d1}
.dd-graph .dd-l-volume,.dd-graph .dd-l-volume-ro{stroke:#a8895a}
.dd-graph a:focus-visible .dd-box{stroke:#93c5fd}
"""


def _tones(*, dark: bool) -> Iterator[str]:
    for name, tone in TONES.items():
        line, fill = (tone.dark_line, tone.dark_fill) if dark else (tone.line, tone.fill)
        yield f".dd-graph .dd-t-{name} .dd-bar{{fill:{line}}}"
        yield f".dd-graph .dd-t-{name} .dd-pill{{fill:{fill}}}"
        yield f".dd-graph .dd-t-{name} .dd-state{{fill:{line}}}"
        if name != "grey":
            yield f".dd-graph .dd-t-{name} .dd-box{{stroke:{line}}}"
    for index, colours in enumerate(_NETWORKS):
        yield f".dd-graph .dd-n{index}{{fill:{colours[dark]}}}"


STYLE = "".join(
    [
        *_FIXED.strip().splitlines(),
        *_tones(dark=False),
        "@media screen and (prefers-color-scheme:dark){",
        *_DARK.strip().splitlines(),
        *_tones(dark=True),
        "}@media print{.dd-graph{print-color-adjust:exact;-webkit-print-color-adjust:exact}}",
    ]
)
"""What a page that holds a picture must have in its style."""
