"""What happens here that apps above may want to know. They listen; this app does not know them."""

from django.dispatch import Signal

# Sent inside the transaction of the signature, with assessment=Assessment (signed) and at=datetime.
assessment_signed = Signal()
# Sent inside the transaction that kept what somebody said about a channel, with wish=ContactWish and at=datetime.
wish_recorded = Signal()
# Sent inside the transaction of an addendum, with assessment=Assessment (signed) and at=datetime.
assessment_amended = Signal()
