/// How the page looks.
///
/// Colours come from a palette that colour-blind readers tell apart (blue, vermilion, amber), and
/// every state has a sign of its own besides. Contrast is at least 4.5 to 1 for text.
package enum Stylesheet {
    package static let text =
        palette + page + tables + drawings + figures + stories + small + paper

    /// For a drawing that is a file of its own.
    static let picture = palette + drawings + "\nsvg{background:var(--paper)}"

    private static let palette = """

        :root{color-scheme:light dark;--paper:#fbfaf8;--card:#fff;--ink:#1c1f24;--soft:#565d67;
        --line:#e4e1db;--held:#006b5b;--deviated:#b0380a;--inconclusive:#7d5600;
        --blue:#1d6cb0;--orange:#c24e0c;--amber:#b98200;--grey:#6b7178;--shade:#b0380a;
        --even:#e9edf1;--odd:#dde3e9;--veil:.1;--heat:#5b3f8c}
        @media (prefers-color-scheme:dark){:root{--paper:#15171a;--card:#1d2024;--ink:#e9e7e2;
        --soft:#a7adb5;--line:#32363c;--held:#55c9b4;--deviated:#ff9166;--inconclusive:#ecbd55;
        --blue:#74b6ee;--orange:#ff9a5a;--amber:#ecbd55;--grey:#888f98;--shade:#ff9166;
        --even:#2a2f35;--odd:#343a42;--veil:.15;--heat:#b79ae6}}
        .held{--tone:var(--held)}.deviated{--tone:var(--deviated)}
        .inconclusive{--tone:var(--inconclusive)}
        """

    private static let page = """

        *{box-sizing:border-box}
        html{-webkit-text-size-adjust:100%}
        body{margin:0;background:var(--paper);color:var(--ink);
        font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;
        font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
        main{max-width:1080px;margin:0 auto;padding:28px 24px 72px}
        h1{font-size:clamp(22px,2.4vw,28px);line-height:1.28;font-weight:650;letter-spacing:-.012em;
        margin:14px 0 14px;max-width:42em;text-wrap:pretty}
        h2{font-size:21px;line-height:1.3;margin:52px 0 10px;letter-spacing:-.008em}
        h3{font-size:16.5px;margin:28px 0 8px}
        p{margin:0 0 12px;max-width:46em}
        .lead{font-size:18px;color:var(--soft)}
        .head{border-top:5px solid var(--tone);padding-top:16px}
        .brand{color:var(--soft);font-size:14px;margin:0 0 16px}
        .badge{display:inline-flex;align-items:baseline;gap:.45em;margin:0;color:var(--tone);
        font-weight:700;font-size:19px}
        .badge small{font-weight:400;font-size:13.5px;color:var(--soft);margin-left:.5em}
        .title{margin-bottom:6px;max-width:60em}
        .identity{list-style:none;display:flex;flex-wrap:wrap;gap:2px 22px;margin:0 0 22px;
        padding:0;color:var(--soft);font-size:14px}
        .answers{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:14px;
        margin-bottom:14px}
        .card,.story,.fault-card,.warning{background:var(--card);border:1px solid var(--line);
        border-radius:9px;padding:14px 18px}
        .card h2{font-size:13.5px;margin:0 0 6px;color:var(--soft);font-weight:600;letter-spacing:0}
        .card ul{margin:0;padding:0;list-style:none}
        .card li{margin:0 0 5px;font-size:15.5px;line-height:1.45}
        .warning{border-left:4px solid var(--inconclusive);margin-bottom:18px}
        .warning h3{margin-top:0}
        nav{display:flex;flex-wrap:wrap;gap:4px 22px;margin:26px 0 0;padding:10px 0;
        border-top:1px solid var(--line);border-bottom:1px solid var(--line);font-size:14.5px}
        a{color:var(--blue);text-decoration-thickness:1px;text-underline-offset:3px}
        .skip{position:absolute;left:-999px}.skip:focus{left:12px;top:12px;background:var(--card);
        padding:8px 12px;border-radius:6px}
        :focus-visible{outline:3px solid var(--blue);outline-offset:2px;border-radius:3px}
        .reasons ol{margin:8px 0 0;padding-left:22px}.reasons li{margin-bottom:4px}
        """

    private static let tables = """

        table{border-collapse:collapse;width:100%;font-size:15px;margin:10px 0 16px}
        caption{text-align:left;color:var(--soft);font-size:14px;padding-bottom:8px}
        th,td{text-align:left;vertical-align:top;overflow-wrap:break-word;padding:9px 14px 9px 0;
        border-bottom:1px solid var(--line)}
        thead th{font-size:13.5px;font-weight:600;color:var(--soft);padding-bottom:6px;
        white-space:nowrap}
        tbody th{font-weight:550}
        th small,td small{display:block;color:var(--soft);font-weight:400;font-size:13px}
        .number{text-align:right;white-space:nowrap}
        .number:last-child{padding-right:4px}.name{white-space:nowrap}
        tr.during{background:color-mix(in srgb,var(--shade) 7%,transparent)}
        tr.total th,tr.total td{border-bottom:2px solid var(--line);color:var(--soft)}
        .mark{color:var(--tone);font-style:normal;font-weight:650;white-space:nowrap}
        .value.none,.none{color:var(--grey)}.value.deviated{color:var(--tone);font-weight:650}
        dd.held,dd.deviated,dd.inconclusive{color:var(--tone)}dd.deviated{font-weight:650}
        @media (max-width:680px){.stack,.stack tbody,.stack tr,.stack th,.stack td{display:block}
        .stack caption{display:block}.stack thead{display:none}
        .stack tr{border-bottom:1px solid var(--line);padding:10px 0}
        .stack tr.total{border-bottom-width:2px}
        .stack tr.during{margin:0 -8px;padding-left:8px;padding-right:8px;border-radius:6px}
        .stack th,.stack td{border:0;padding:2px 0;overflow-wrap:anywhere}
        .stack tr.total th,.stack tr.total td{border:0}
        .stack td{display:grid;grid-template-columns:7.2em minmax(0,1fr);gap:8px}
        .stack td::before{content:attr(data-label);color:var(--soft);font-size:13.5px}
        .stack td:has(>.absent){display:none}
        .stack td>*{grid-column:2}.stack td.number{white-space:normal;text-align:left}
        .compact tr{display:grid;grid-template-columns:1fr 1fr;column-gap:14px}
        .compact th{grid-column:1/-1}
        .compact .mark{white-space:normal}
        .compact td{grid-template-columns:5.6em minmax(0,1fr)}}
        """

    private static let drawings = """

        svg text{fill:var(--soft);font:12px system-ui,-apple-system,"Segoe UI",Roboto,Arial,
        sans-serif;
        font-variant-numeric:tabular-nums}
        svg text.panel{font-weight:600;fill:var(--ink)}
        svg text.lane{fill:var(--ink)}svg text.bar-text{fill:var(--ink)}
        .bar.even{fill:var(--even)}.bar.odd{fill:var(--odd)}
        .shade{fill:var(--shade);opacity:var(--veil)}
        .phase{stroke:var(--grey);stroke-dasharray:2 3;opacity:.6}
        .axis{stroke:var(--grey)}.grid{stroke:var(--line)}
        .limit{stroke:var(--deviated);stroke-dasharray:6 4;opacity:.85}
        svg text.limit-text{fill:var(--deviated)}
        .line{fill:none;stroke-width:1.7;stroke-linejoin:round;stroke-linecap:round}
        .p50{stroke:var(--blue)}.p99{stroke:var(--orange)}
        .ok{stroke:var(--blue)}.planned{stroke:var(--grey);stroke-dasharray:3 3}
        .fail{fill:var(--orange)}.info{fill:var(--amber)}
        .upstream{fill:var(--blue);opacity:.75}.downstream{fill:var(--grey);opacity:.6}
        svg text.hit{font-weight:650}
        .halo{stroke:var(--card);stroke-width:4;opacity:.75}
        .heat{fill:var(--heat)}.heat-1{opacity:.16}.heat-2{opacity:.3}.heat-3{opacity:.46}
        .heat-4{opacity:.62}.heat-5{opacity:.8}
        .life{stroke:var(--grey);stroke-dasharray:2 4}
        .arrow{fill:none;stroke:var(--blue);stroke-width:1.6}.arrow.back{stroke-dasharray:5 3}
        .arrow.head{stroke-dasharray:none}.arrow.charge{stroke:var(--deviated);stroke-width:2}
        .dot{fill:var(--card);stroke:var(--ink);stroke-width:1.6}
        rect.fault{fill:var(--shade);opacity:.42}rect.open{opacity:.25}
        .firing{stroke:var(--ink);stroke-width:1.2}
        .met{fill:var(--card);stroke:var(--held);stroke-width:1.8}
        .unmet{fill:var(--deviated)}.unjudged{stroke:var(--inconclusive);stroke-width:2;fill:none}
        """

    private static let figures = """

        figure{margin:14px 0 8px}
        svg.chart{display:block;width:100%;height:auto;overflow:visible}
        svg.narrow,.phases{display:none}
        .legend{display:flex;flex-wrap:wrap;gap:4px 20px;color:var(--soft);font-size:13.5px;
        margin-top:6px}
        .legend span{display:inline-flex;align-items:center;gap:6px}
        svg.key{height:13px;width:auto;overflow:visible}
        .phases{list-style:none;margin:10px 0;padding:0;font-size:14px;color:var(--soft)}
        .phases b{color:var(--ink);font-weight:550}
        @media (max-width:680px){svg.wide{display:none}svg.narrow{display:block}
        .phases{display:block}}
        """

    private static let stories = """

        .story,.fault-card{margin:0 0 14px}
        .story h4{margin:0 0 8px;font-size:15.5px}
        .story h4 span{font-weight:400;color:var(--deviated)}.story h4 span::before{content:" — "}
        .fault-card h3{margin:0 0 8px}.fault-card h3 span{font-weight:400}
        .moments{list-style:none;margin:0 0 10px;padding:0;font-size:14.5px}
        .moments li{display:grid;grid-template-columns:7.2em minmax(0,1fr);gap:10px;padding:2px 0}
        .moments data{color:var(--soft);text-align:right}
        .moments li>span{border-left:3px solid var(--line);padding-left:10px}
        .moments .charge>span{border-color:var(--deviated);font-weight:600}
        .moments .fault>span{border-color:var(--amber)}
        .moments .client>span{border-color:var(--blue)}
        dl{display:grid;grid-template-columns:8.4em minmax(0,1fr);gap:3px 12px;margin:0 0 8px;
        font-size:14.5px}
        dl.wide{grid-template-columns:11em minmax(0,1fr);margin-bottom:18px}
        dt{color:var(--soft)}dd{margin:0}
        """

    private static let small = """

        details{margin:8px 0;font-size:15px}
        summary{cursor:pointer;color:var(--blue)}
        details[open]>summary{margin-bottom:8px}
        pre,code{font:13.5px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",
        monospace}
        pre{background:var(--card);border:1px solid var(--line);border-radius:7px;padding:10px 14px;
        margin:0 0 14px;white-space:pre-wrap}
        code{color:var(--soft)}
        .fine{color:var(--soft);font-size:14px;margin-top:22px}
        @media (max-width:680px){main{padding:20px 16px 56px}
        .answers{grid-template-columns:minmax(0,1fr);gap:10px}h2{margin-top:40px}
        .card,.story,.fault-card{padding:12px 14px}
        dl,dl.wide{grid-template-columns:6.4em minmax(0,1fr)}
        .moments li{grid-template-columns:5.6em minmax(0,1fr);gap:8px}}
        """

    private static let paper = """

        @media print{:root{--paper:#fff;--card:#fff;--ink:#000;--soft:#444;--line:#ccc;
        --held:#006b5b;--deviated:#a83408;--inconclusive:#7d5600;--blue:#1d6cb0;
        --orange:#c24e0c;--amber:#b98200;--shade:#b0380a;--veil:.1;--even:#e9edf1;--odd:#dde3e9;
        --heat:#5b3f8c}.skip{display:none}
        body{font-size:10.5pt}main{max-width:none;padding:0}nav{display:none}
        .card,.story,.fault-card,figure,tr{break-inside:avoid}h2,h3{break-after:avoid}
        details::details-content{content-visibility:visible;block-size:auto}}
        """
}
