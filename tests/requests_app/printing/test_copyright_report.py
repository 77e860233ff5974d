"""The year's copyright report on paper: nothing that says why a use counted is cut off."""

import subprocess

from requests_app.printing.copyright_report import TitlePart, YearReport, year_report


def test_why_a_use_was_not_counted_takes_two_lines(tmp_path):
    use = ("B-2026-00001", "2026-03-02", "", "Ended without a copy", "", "", "On tides")
    report = YearReport(
        library="Oak", department="", heading="Copyright report 2026", calendar="2026", totals=(), notes=(),
        head=("Request", "First sent on", "Filled on", "Counted as", "Ground", "Royalty", "Article"),
        titles=[TitlePart("Marine Letters", "", (use,))], printed="",
    )
    (tmp_path / "report.pdf").write_bytes(year_report(report))
    said = subprocess.run(["pdftotext", "-raw", str(tmp_path / "report.pdf"), "-"], capture_output=True, text=True,
                          check=True).stdout
    assert "Ended without a copy" in " ".join(said.split()) and "…" not in said
