"""A few households of The Complete Journey, as a data folder of its own."""

from __future__ import annotations

from pathlib import Path

from memberlogic_sqlalchemy.cli.journey import Journey


def small_journey(folder: Path, households: int = 25) -> Path:
    """Write the data set of the households below a number into a folder."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    source = Journey().folder
    (folder / "products.parquet").write_bytes((source / "products.parquet").read_bytes())
    everything = pq.read_table(source / "transactions.parquet")
    pq.write_table(everything.filter(pc.less(everything["household_id"], households)), folder / "transactions.parquet")
    return folder
