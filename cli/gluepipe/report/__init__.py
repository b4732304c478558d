"""The report: one self-contained page about a period of an environment.

`activity` sums the ledger up, `page` lays it out; `charts` draws on the scales of `axes`; `markup` escapes whatever
anybody named a file.
"""
