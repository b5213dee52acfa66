"""Amendments: agreed changes of terms and text, applied on their date."""
