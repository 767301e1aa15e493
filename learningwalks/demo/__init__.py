"""The demo school: Maple Hill, made up from first to last, with dates relative to today."""
