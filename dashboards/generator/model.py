"""Grafana's dashboard JSON out of a few words: panels in rows, laid out on its grid of 24 columns."""

import re
from pathlib import Path

SOURCE = {"type": "prometheus", "uid": "${datasource}"}
HERE = Path(__file__).resolve().parent
STAGE_COLOURS = HERE.parent.parent / "src" / "sink" / "stage_colour.h"
HEADER_ROW = 1  # grid units


def stages():
    """Name to colour, as every other picture of Plateau has them."""
    return {name: colour for colour, name in re.findall(r'"(#[0-9A-F]{6})",\s*// (\w+)', STAGE_COLOURS.read_text())}


def query(expr, legend="", instant=False, heatmap=False):
    target = {"datasource": SOURCE, "expr": expr, "legendFormat": legend or "__auto", "editorMode": "code"}
    target.update({"instant": True, "range": False} if instant else {"range": True})
    target["format"] = "heatmap" if heatmap else ("table" if instant == "table" else "time_series")
    return target


def thresholds(*steps):
    """(from, colour) pairs; the first holds from minus infinity on."""
    return {"mode": "absolute", "steps": [{"color": colour, "value": value} for value, colour in steps]}


GREEN_ONLY = ((None, "green"),)


def colour_overrides(colours):
    return [
        {"matcher": {"id": "byName", "options": name},
         "properties": [{"id": "color", "value": {"mode": "fixed", "fixedColor": colour}}]}
        for name, colour in colours.items()
    ]


class Panel:
    """What all panels have. `width` is of 24, `height` in grid units."""

    def __init__(self, kind, title, description, queries, unit="short", width=12, height=8, steps=GREEN_ONLY,
                 custom=None, options=None, overrides=(), decimals=None, transformations=(), limits=(None, None)):
        self.width, self.height = width, height
        defaults = {"unit": unit, "thresholds": thresholds(*steps), "custom": custom or {}}
        for key, value in (("decimals", decimals), ("min", limits[0]), ("max", limits[1])):
            if value is not None:
                defaults[key] = value
        self.json = {
            "type": kind,
            "title": title,
            "description": description,
            "datasource": SOURCE,
            "targets": [dict(target, refId=chr(ord("A") + i)) for i, target in enumerate(queries)],
            "fieldConfig": {"defaults": defaults, "overrides": list(overrides)},
            "options": options or {},
        }
        if transformations:
            self.json["transformations"] = list(transformations)


def lines(title, description, queries, unit="short", **more):
    custom = {"drawStyle": "line", "lineWidth": 1, "fillOpacity": 10, "showPoints": "never", "spanNulls": False,
              "thresholdsStyle": {"mode": "dashed" if more.get("steps") else "off"}}
    options = {"legend": {"displayMode": "list", "placement": "bottom", "showLegend": True, "calcs": []},
               "tooltip": {"mode": "multi", "sort": "desc"}}
    return Panel("timeseries", title, description, queries, unit, custom=custom, options=options, **more)


def stacked_bars(title, description, queries, unit="short", **more):
    custom = {"drawStyle": "bars", "lineWidth": 0, "fillOpacity": 90, "showPoints": "never",
              "stacking": {"mode": "normal", "group": "A"}}
    options = {"legend": {"displayMode": "table", "placement": "right", "showLegend": True, "calcs": ["mean"]},
               "tooltip": {"mode": "multi", "sort": "desc"}}
    return Panel("timeseries", title, description, queries, unit, custom=custom, options=options, **more)


def stat(title, description, expr, unit="short", steps=GREEN_ONLY, legend="", text="value", width=4, **more):
    options = {"reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False}, "colorMode": "value",
               "graphMode": "area", "justifyMode": "auto", "orientation": "auto", "textMode": text, "wideLayout": True,
               "showPercentChange": False, "percentChangeColorMode": "standard"}
    return Panel("stat", title, description, [query(expr, legend)], unit, width=width, height=4, steps=steps,
                 options=options, **more)


def table(title, description, columns, unit="short", rename=None, decimals=None, **more):
    """One row a label set; `columns`: name to expression."""
    queries = [query(expr, instant="table") for expr in columns.values()]
    names = {f"Value #{chr(ord('A') + i)}" if len(columns) > 1 else "Value": name for i, name in enumerate(columns)}
    tidy = {"id": "organize", "options": {"excludeByName": {"Time": True, "__name__": True, "job": True},
                                          "renameByName": {**names, **(rename or {})}}}
    options = {"frameIndex": 0, "showHeader": True, "sortBy": [{"displayName": next(iter(columns)), "desc": True}]}
    # Of numbers alone: a PID or an address is text that can be read as one.
    properties = [{"id": "unit", "value": unit}]
    if decimals is not None:
        properties.append({"id": "decimals", "value": decimals})
    numbers = {"matcher": {"id": "byType", "options": "number"}, "properties": properties}
    return Panel("table", title, description, queries, "none", options=options,
                 custom={"align": "auto", "inspect": False}, overrides=[numbers],
                 transformations=[{"id": "merge", "options": {}}, tidy], **more)


def heatmap(title, description, expr, **more):
    options = {"calculate": False, "yAxis": {"unit": "s", "axisPlacement": "left"}, "cellGap": 1,
               "showValue": "never",
               "color": {"mode": "scheme", "scheme": "Viridis", "fill": "dark-orange", "exponent": 0.5, "steps": 64,
                         "reverse": True},
               "tooltip": {"mode": "single", "yHistogram": True}, "legend": {"show": True},
               "exemplars": {"color": "rgba(213,94,0,0.9)"}}
    target = dict(query(expr, "{{le}}", heatmap=True), exemplar=True)
    return Panel("heatmap", title, description, [target], "s", options=options, **more)


def variable(name, label, definition, multi=False):
    return {"name": name, "label": label, "type": "query", "datasource": SOURCE,
            "query": {"query": definition, "refId": name}, "refresh": 2, "sort": 1, "multi": multi,
            "includeAll": True, "allValue": ".*", "current": {"text": "All", "value": "$__all"}}


def variables(with_route):
    source = {"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus",
              "hide": 0}
    chain = [source,
             variable("target", "Target", "label_values(plateau_target_info, target)"),
             variable("instance", "Instance", 'label_values(plateau_target_info{target=~"$target"}, instance)', True)]
    if with_route:
        chain.append(variable("route", "Route", "label_values(http_server_request_duration_seconds_count"
                                                '{instance=~"$instance"}, http_route)', True))
    return chain


def lines_of(panels):
    """What fits side by side."""
    found = [[]]
    for panel in panels:
        if sum(other.width for other in found[-1]) + panel.width > 24:
            found.append([])
        found[-1].append(panel)
    return found


def lay_out(rows):
    """Rows of (title, panels) from top to bottom; within a row from left to right, wrapping at 24 columns. A panel that
    stands alone takes the whole line."""
    placed, y = [], 0
    for title, panels in rows:
        placed.append({"type": "row", "title": title, "collapsed": False, "id": len(placed) + 1, "panels": [],
                       "gridPos": {"x": 0, "y": y, "w": 24, "h": HEADER_ROW}})
        y += HEADER_ROW
        for line in lines_of(panels):
            x = 0
            for panel in line:
                width = 24 if len(line) == 1 else panel.width
                grid = {"x": x, "y": y, "w": width, "h": panel.height}
                placed.append(dict(panel.json, id=len(placed) + 1, gridPos=grid))
                x += width
            y += max(panel.height for panel in line)
    return placed


def dashboard(uid, title, description, rows, with_route=False):
    return {
        "uid": uid,
        "title": title,
        "description": description,
        "tags": ["plateau"],
        "schemaVersion": 39,
        "version": 1,
        "editable": True,
        "graphTooltip": 1,
        "refresh": "10s",
        "time": {"from": "now-30m", "to": "now"},
        "timezone": "",
        "annotations": {"list": []},
        "links": [{"type": "dashboards", "title": "Plateau", "tags": ["plateau"], "asDropdown": False, "icon":
                   "external link", "includeVars": True, "keepTime": True, "targetBlank": False, "tooltip": "",
                   "url": ""}],
        "templating": {"list": variables(with_route)},
        "panels": lay_out(rows),
    }
