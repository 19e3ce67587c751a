"""The form of a record: what it asks, how typed words become a record, and what is wrong."""
