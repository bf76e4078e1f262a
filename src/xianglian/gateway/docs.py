"""/docs: the API's description as one plain page of our own; nothing is loaded from anywhere."""

from __future__ import annotations

import json
from typing import Any

from jinja2 import Environment

_PAGE = Environment(autoescape=True).from_string("""<!doctype html>
<html lang="zh"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{{ title }} API</title>
<style>
:root{color-scheme:light
dark;--ink:#1b2430;--soft:#5b6675;--line:#d9dee6;--page:#fff;--card:#f6f8fb;--act:#1c5fb8} @media
(prefers-color-scheme:dark){:root{--ink:#e6eaf0;--soft:#9aa6b6;--line:#2c3542;--page:#12171e;--card:#1a212b;--act:#7fb0f0}}
body{font:15px/1.65 system-ui,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif;margin:0
auto;max-width:1080px;
padding:24px 16px;color:var(--ink);background:var(--page)}
h1{font-size:24px;margin:0}h2{font-size:17px;margin:32px 0 8px}p{color:var(--soft);margin:4px 0}
details{border:1px solid var(--line);border-radius:10px;margin:6px 0;background:var(--card)}
summary{padding:8px 12px;cursor:pointer;display:flex;gap:10px;align-items:baseline;flex-wrap:wrap}
summary b{min-width:56px;color:var(--act)}code,pre{font:13px/1.5 ui-monospace,Menlo,Consolas,monospace}
pre{margin:8px 12px 12px;padding:10px;overflow:auto;border:1px solid
var(--line);border-radius:8px;background:var(--page)}
table{margin:0 12px 8px;border-collapse:collapse}td{padding:2px 12px 2px
0;vertical-align:top}h3{font-size:13px;margin:8px 12px 0;color:var(--soft)} </style>
<h1>{{ title }} API <small>{{ version }}</small></h1>
<p>{{ description }}</p><p><a href="/openapi.json">openapi.json</a></p>
{% for tag, operations in groups.items() %}<h2>{{ tag }}</h2>
{% for op in operations %}<details><summary><b>{{ op.method }}</b><code>{{ op.path }}</code><span>{{
op.summary }}</span></summary> {% if op.parameters %}<h3>参数 parameters</h3><table>{% for item in
op.parameters %}<tr><td><code>{{ item.name }}</code></td> <td>{{ item["in"] }}</td><td>{{ item.description or
"" }}</td></tr>{% endfor %}</table>{% endif %} {% if op.body %}<h3>请求 request</h3><pre>{{ op.body }}</pre>{% endif %}
{% for status, example in op.answers %}<h3>{{ status }}</h3><pre>{{ example }}</pre>{% endfor %}
</details>{% endfor %}{% endfor %}
</html>""")


def render(openapi: dict[str, Any]) -> str:
    """HTML of an OpenAPI document."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, methods in openapi["paths"].items():
        for method, operation in methods.items():
            tag = (operation.get("tags") or ["other"])[0]
            groups.setdefault(tag, []).append(
                {
                    "method": method.upper(),
                    "path": path,
                    "summary": operation.get("summary", ""),
                    "parameters": operation.get("parameters", []),
                    "body": _request(openapi, operation.get("requestBody")),
                    "answers": [
                        (f"{status} {answer['description']}", _example(answer))
                        for status, answer in operation["responses"].items()
                        if answer.get("content")
                    ],
                }
            )
    info = openapi["info"]
    return _PAGE.render(
        groups=groups, title=info["title"], version=info["version"], description=info["description"]
    )


def _request(openapi: dict[str, Any], body: dict[str, Any] | None) -> str:
    if body is None:
        return ""
    content = next(iter(body["content"].values()))
    if "example" in content:
        return _text(content["example"])
    name = content.get("schema", {}).get("$ref", "").rsplit("/", 1)[-1]
    schema = openapi.get("components", {}).get("schemas", {}).get(name, {})
    return _text(schema.get("example", body.get("description", "bytes")))


def _example(answer: dict[str, Any]) -> str:
    content = next(iter(answer["content"].values()))
    return _text(content.get("example", "bytes"))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)
