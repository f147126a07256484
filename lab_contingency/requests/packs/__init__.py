"""Paper packs: pre-numbered forms on the wards, and keying what was written on them."""
