"""Carriers: couriers that report by signed webhook what becomes of an item, and what it means for a notice."""
