"""Recharge: what each partner laboratory did for each organisation, by test and month. Numbers only."""
