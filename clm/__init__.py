"""clm keeps contracts alive as data: facts in, state and legal dates out."""
