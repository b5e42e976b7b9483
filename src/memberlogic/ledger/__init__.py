"""The ledger: wallets, lots and entries of any unit.

| file | rules |
|---|---|
| ``crediting`` | PTS-6, PTS-18: credits open lots, after settling debt |
| ``consuming`` | PTS-7: which lots are used up first |
| ``transferring`` | PTS-11: transfer between two accounts |
| ``holding`` | PTS-9: hold, capture, release, and the deadline |
| ``lifecycle`` | PTS-9, PTS-14: what becomes of a hold, and of an adjustment |
| ``acting`` | PTS-1: who may act on a wallet |
| ``adjusting`` | PTS-14: adjusting up and down, and who approves |
| ``adjusted`` | PTS-14: what staff adjusted, counted |
| ``writing_off`` | PTS-14: emptying a wallet by name |
| ``reinstating`` | PTS-14: points that expired live again |
| ``reversing`` | PTS-14: undoing an entry, once |
| ``taking_back`` | PTS-10, PTS-14: taking back what came in |
| ``giving_back`` | PTS-10, PTS-14: giving back what went out |
| ``correcting_service`` | PTS-14: what a host calls to correct |
| ``expiring`` | PTS-6, PTS-12: until when points live, and the entries that say they are gone |
| ``idling`` | PTS-6: points that live by activity |
| ``owing`` | PTS-10: debt, and what settles it |
| ``restoring`` | PTS-10: points that were spent come back |
| ``reclaiming`` | PTS-10: points are taken back |
| ``reviving`` | COM-21: points that expired only for lack of an activity |
| ``withholding`` | PTS-5: pending points, and how they become available |
| ``settling`` | COM-8: bringing a wallet to now |
| ``posting`` | what an entry does to a wallet |
| ``stating`` | PTS-16, PTS-18: the statement |
| ``recalling`` | PTS-16: a balance as of a past instant |
| ``outstanding`` | PTS-16, PTS-17: what a club owes in points |
| ``paging`` | COM-20: entries, page by page |
| ``reading`` | PTS-16: what a wallet holds |
"""
