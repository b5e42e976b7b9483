"""Loyalty: clubs, accounts, schemes.

| file | rules |
|---|---|
| ``opening`` | PTS-1, SCH-1: opening clubs and accounts |
| ``programme`` | PTS-2, PTS-3, PTS-8: what a club says of earning and redeeming, as data |
| ``purchases`` | PTS-2: the facts of purchases and their lines |
| ``recording`` | PTS-2, PTS-3, PTS-8, PTS-18: recording a purchase, as of its own instant |
| ``earning`` | PTS-2, PTS-3: what a purchase earns |
| ``redeeming`` | PTS-8: what points pay, and the quote |
| ``importing`` | PTS-19: importing purchases in chunks |
| ``closing`` | PTS-1: blocking, unblocking and closing an account |
| ``joining`` | PTS-1: joint accounts |
| ``lifecycle`` | PTS-1: the state of an account |
"""
