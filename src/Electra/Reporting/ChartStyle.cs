namespace Electra.Reporting;

/// <summary>How charts look in light and dark: one style sheet, which a page holds once and a file of its own inside.</summary>
static class ChartStyle
{
    /// <summary>
    /// Lines that can be told apart: six hues and black after Okabe and Ito, seen alike with any colour vision, and dashes from the fourth
    /// on.
    /// </summary>
    public const int NumSlots = 7;

    public const string Css = """
        .chart{--c0:#0072b2;--c1:#d55e00;--c2:#008060;--c3:#b0508e;--c4:#8a6a00;--c5:#5b5bb8;--c6:#333;--context:#8a8f98;--ink:#1c1e21;--quiet:#5f6570;--grid:#e4e6ea;--paper:#fff;font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","DejaVu Sans",sans-serif;font-size:12px;display:block;width:100%;height:auto}
        @media (prefers-color-scheme:dark){.chart{--c0:#56b4e9;--c1:#ff8b45;--c2:#35c497;--c3:#e58ec4;--c4:#e2bb2e;--c5:#a9a9f0;--c6:#ddd;--context:#8b919c;--ink:#e8eaed;--quiet:#a3a9b3;--grid:#343840;--paper:#1d2025}}
        .chart text{fill:var(--quiet);font-variant-numeric:tabular-nums}.chart .title{fill:var(--ink);font-size:14px;font-weight:600}.chart .name{fill:var(--ink)}
        .chart .grid{stroke:var(--grid);stroke-width:1;fill:none}.chart .axis{stroke:var(--quiet);stroke-width:1;fill:none}
        .chart .line{fill:none;stroke-width:1.8;stroke-linejoin:round;stroke-linecap:round}.chart .raw{fill:none;stroke-width:1;stroke-linejoin:round;stroke-linecap:round;opacity:.28}.chart .dot{stroke:var(--paper);stroke-width:1}
        .chart .s0{stroke:var(--c0)}.chart .s1{stroke:var(--c1)}.chart .s2{stroke:var(--c2)}.chart .s3{stroke:var(--c3);stroke-dasharray:7 3}.chart .s4{stroke:var(--c4);stroke-dasharray:2.5 3.5}.chart .s5{stroke:var(--c5);stroke-dasharray:9 3 2 3}.chart .s6{stroke:var(--c6);stroke-dasharray:4 4}.chart .context{stroke:var(--context);stroke-width:1.4}
        .chart .f0{fill:var(--c0)}.chart .f1{fill:var(--c1)}.chart .f2{fill:var(--c2)}.chart .f3{fill:var(--c3)}.chart .f4{fill:var(--c4)}.chart .f5{fill:var(--c5)}.chart .f6{fill:var(--c6)}.chart .raw{stroke-dasharray:none}
        """;
}
