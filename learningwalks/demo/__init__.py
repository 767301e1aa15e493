"""The demo school Maple Hill. All its data is made up, with dates relative to today."""
