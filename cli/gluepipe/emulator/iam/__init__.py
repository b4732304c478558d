"""IAM as the emulated accounts enforce it; what of it is emulated, and what is not: docs/adr/0013-emulated-iam.md.

A request is read (`requests`), mapped to the permissions that it needs (`needs`, `resources`, `s3`), held against the
policies of its caller and of the resource (`accounts` finds both, `policies` and `conditions` read them, `decisions`
decides) and let through or refused (`enforcement`, `refusals`); `journal` remembers what was asked for.
"""
