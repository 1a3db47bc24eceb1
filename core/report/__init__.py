"""One incident, told: what happened when, why, on what evidence, what was done, what is left to do. Pure.

`incident.Incident` is what was read; `assemble.assemble` makes a `model.Report` of it; `redact.redacted` masks it;
`markdown.markdown` and `as_json.report_json` write it. The page (HTML) is made outside this room, by a template.
"""
