"""What we ask of partners' systems. A connector is one of these over a real transport.

Every call raises `PartnerUnavailable` (silence: try again) or `PartnerRefused` (a person must look).
A `key` is an idempotency key: the same call may be repeated with it, and is carried out once.
"""
