"""An AWS account of one's own on a loopback port: pipelines that run, fail for real reasons, and can be put right.

``python -m demo --port 0`` serves it; :mod:`demo.process` starts it as a child process. Any AWS client can talk to it.
moto holds the services it holds well; handlers in :mod:`demo.services` serve the rest. What a client sees is checked
against botocore's service models in both directions.

Beside AWS's protocols the server answers a small control interface for tests, JSON in and JSON out:

====== ===================== ==========================================================================================
Method Path                  Body or answer
====== ===================== ==========================================================================================
GET    /_demo/health         ``{"ready": true, "now": <epoch seconds>}``
GET    /_demo/clock          ``{"now", "speed", "frozen"}``
POST   /_demo/clock          any of ``{"freeze": bool, "at": epoch or ISO text, "advance": seconds, "speed": factor}``
GET    /_demo/faults         the faults in force
POST   /_demo/faults         ``{"service", "operation", "region", "code", "message", "status", "count", "latency_ms",
                             "reset": bool}``: each filter may be absent or ``*``; answers ``{"id"}``
DELETE /_demo/faults[/ID]    clears all faults, or one
GET    /_demo/calls          ``{"total", "mutating", "by_operation", "recent": [{service, operation, region, mutating,
                             status, error}]}``; ``?recent=N`` limits the list
DELETE /_demo/calls          forgets the calls counted so far
POST   /_demo/push           ``{"repository", "branch", "message", "author", "facts": {..}, "files": {..}}``: a new
                             revision, detected as its sources are set up to; answers ``{"revision"}``
POST   /_demo/connections    ``{"arn", "status"}``: what the console's "Update pending connection" does
GET    /_demo/stories        name, region, cause, what is wrong and remedy of every pipeline
====== ===================== ==========================================================================================
"""
