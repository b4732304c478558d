"""The report: one self-contained page about a period of an environment.

`activity` sums the ledger up, `page` lays it out: `sections` of words and tables, `figures` that `charts` draws on the
scales of `axes`, both made of `blocks`; `markup` escapes whatever anybody named a file.
"""
