"""Loyalty: clubs, accounts, schemes.

| file | rules |
|---|---|
| ``opening`` | PTS-1, SCH-1: opening clubs and accounts |
| ``lifecycle`` | PTS-1: the state of an account |
"""
