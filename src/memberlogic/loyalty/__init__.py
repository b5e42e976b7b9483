"""Loyalty: clubs, accounts, schemes.

| file | rules |
|---|---|
| ``opening`` | PTS-1, SCH-1: opening clubs and accounts |
| ``programme`` | PTS-2, PTS-3, PTS-8: what a club says of earning and redeeming, as data |
| ``purchases`` | PTS-2: the facts of purchases and their lines |
| ``recording`` | PTS-2, PTS-3, PTS-8, PTS-18: recording a purchase, as of its own instant |
| ``awards`` | PTS-4: an award, as data |
| ``awarding`` | PTS-4: what events other than purchases earn |
| ``award_service`` | PTS-4: what a host calls to award |
| ``earning`` | PTS-2, PTS-3: what a purchase earns |
| ``withholding`` | PTS-5: which points of a purchase are held back |
| ``redeeming`` | PTS-8: what points pay, and the quote |
| ``importing`` | PTS-19: importing purchases in chunks |
| ``returning`` | PTS-10: the return of a purchase |
| ``apportioning`` | PTS-10: what of each line comes back, and in money |
| ``weighing`` | PTS-10: what each line weighs |
| ``cumulating`` | PTS-10: a return together with those before it |
| ``returns`` | PTS-10: the facts of returns |
| ``closing`` | PTS-1: blocking, unblocking and closing an account |
| ``joining`` | PTS-1: joint accounts |
| ``lifecycle`` | PTS-1: the state of an account |
| ``progression`` | SCH-2, SCH-4 to SCH-6: what a club says of going up and down, as data |
| ``scheduling`` | SCH-6: when an account is reviewed |
| ``measuring`` | SCH-2: the metric over a window |
| ``reaching`` | SCH-3: the reached scheme |
| ``windowing`` | SCH-2, SCH-5: the window of a review of an account |
| ``footing`` | SCH-5, SCH-7: what keeps an account in its scheme, and what a review comes to |
| ``moving`` | SCH-7: moving an account by hand, and pins |
| ``foreseeing`` | SCH-9: how far an account is, and what is to come |
| ``trying`` | SCH-10: a dry run of the reviews to come |
| ``gathering`` | what answers about a whole club look at |
| ``upgrading`` | SCH-4: upgrades at once |
| ``reviewing`` | SCH-5, SCH-6, SCH-11: reviews |
| ``progressing`` | SCH-4, SCH-6: reviews before a purchase, the upgrade after it |
| ``changing`` | SCH-8: changes of scheme, their event and history |
| ``settling`` | COM-8: accounts brought to now with their wallets |
| ``reporting`` | SCH-8: history, accounts by scheme, migration, who is closest |
"""

from memberlogic.loyalty.events import PurchaseWasRecorded

__all__ = ["PurchaseWasRecorded"]
