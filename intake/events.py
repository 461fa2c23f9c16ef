"""What happens here that apps above may want to know. They listen; this app does not know them."""

from django.dispatch import Signal

# Sent inside the transaction of the signature, with assessment=Assessment (signed) and at=datetime.
assessment_signed = Signal()
