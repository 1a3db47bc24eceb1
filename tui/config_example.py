"""A configuration with every setting, switched off: what `pipemedic config example` prints."""

from __future__ import annotations

__all__ = ["EXAMPLE"]

EXAMPLE = """\
# pipemedic configuration. Every line is optional; what is commented out shows the form.
# A flag beats an environment variable, that beats this file, that beats the default.

# theme = "pipemedic-night"          # or pipemedic-day, or any theme of Textual
# read_only = true                   # refuse every change, everywhere
# start = ["oncall"]                 # contexts and groups to open with; without it all contexts

# A context is a profile with its regions, under a name of your choice.
# [contexts.prod]
# profile = "prod"
# regions = ["eu-west-1", "us-east-1"]
# color = "error"                    # primary, secondary, accent, success, warning, error
# protection = "typed"               # none, typed (the name is typed to confirm a change), read-only
# queue = "https://sqs.eu-west-1.amazonaws.com/111122223333/pipemedic"  # pipemedic fleet template
# queues = { "us-east-1" = "https://sqs.us-east-1.amazonaws.com/111122223333/pipemedic" }  # one a region
#
# [contexts.staging]
# profile = "staging"
# regions = ["eu-west-1"]

# [groups]
# oncall = ["prod", "staging"]

# Seconds between reads.
# [refresh]
# moving = 2.5                       # what runs
# waiting = 10                       # what waits for an approval
# visible = 10                       # what is on the screen
# idle = 120                         # the rest
# listing = 120                      # the list of pipelines

# [list]
# columns = ["status", "pipeline", "stages", "what", "age", "took", "region"]
# sort = "-age"                      # without it what needs attention comes first
# group = "region"                   # region, profile, account, context, application, tag:KEY
# filter = "!status:ok"

# Views, by the key that shows them.
# [views.1]
# name = "Red in production"
# filter = "status:failed context:prod"
# [views.2]
# name = "Payments"
# filter = "tag:team=payments"
# attention = true
# sort = "pipeline"

# [keys]                             # ids: docs/keys.md
# "pipelines.filter" = "slash,f3"

# [notices]
# on = ["failed", "approval"]        # failed, stuck, approval, recovered
# filter = "context:prod"
# bell = true
# desktop = "osc9"                   # or osc777
# command = ["notify-send", "pipemedic"]
# [[notices.rules]]                  # more, of other pipelines
# on = ["stuck", "recovered"]
# filter = "name:checkout tag:team=shop"
"""
