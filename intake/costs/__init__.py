"""
What care may cost: cents, business days, the sliding scale, units of an authorization. Pure: no Django, no other app.

Money is Decimal dollars in whole cents, never float. Two rules of rounding, both in the person's favor or exact: a
discounted amount is cut to the cent, and the cents that do not divide go one each to the first installments.
"""
