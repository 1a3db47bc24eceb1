"""Commit messages of everyday work."""

__all__ = ["MESSAGES"]

MESSAGES = (
    "Retry on 429 with jitter",
    "Raise cart limit to 250 items",
    "Fix rounding of VAT in split payments",
    "Update dependencies",
    "Log the request id of failed calls",
    "Drop support for the old voucher format",
    "Add index on orders(customer_id, placed_at)",
    "Make timeouts configurable",
    "Cache exchange rates for ten minutes",
    "Remove unused feature flag",
    "Handle empty search terms",
    "Return 409 on concurrent updates",
    "Document the health check",
    "Move session store to Redis",
    "Bump base image",
    "Speed up the nightly export",
    "Escape names in CSV exports",
    "Show delivery window in local time",
    "Use idempotency keys for refunds",
    "Split the worker from the API",
    "Validate IBANs before they are stored",
    "Merge pull request #482 from fix/duplicate-emails",
    "Merge pull request #497 from feat/bulk-import",
    'Revert "Use HTTP/2 to the gateway"',
    "Tune connection pool",
)
