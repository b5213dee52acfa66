"""The law as pure functions: no clock, no database, no import from the rest of the project.

Rule ids such as R-T5 name the rules explained in each module's docstrings. Nothing here is legal advice.
"""
