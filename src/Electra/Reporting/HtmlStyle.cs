namespace Electra.Reporting;

/// <summary>How report pages look, and their one script.</summary>
static class HtmlStyle
{
    public const string Page = """
        :root{color-scheme:light dark;--back:#f5f6f8;--card:#fff;--text:#1c1e21;--soft:#5f6570;--line:#e1e4e9;--accent:#0072b2}
        @media (prefers-color-scheme:dark){:root{--back:#14161a;--card:#1d2025;--text:#e8eaed;--soft:#a3a9b3;--line:#343840;--accent:#56b4e9}}
        *{box-sizing:border-box}body{margin:0;background:var(--back);color:var(--text);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","DejaVu Sans",sans-serif}
        main{max-width:1180px;margin:0 auto;padding:36px 24px 64px}header{margin-bottom:24px}h1{font-size:26px;line-height:1.25;margin:0 0 4px;letter-spacing:-.01em;overflow-wrap:anywhere}
        h2{font-size:18px;margin:40px 0 12px}h3{font-size:13px;margin:0 0 8px;font-weight:600}.quiet{color:var(--soft);margin:0 0 12px}h2+.quiet{margin-top:-8px}
        .card,.tiles>div,figure{background:var(--card);border:1px solid var(--line);border-radius:8px}
        .tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin:0}.tiles>div{padding:12px 16px;display:flex;flex-direction:column;justify-content:space-between}.tiles dt{color:var(--soft);font-size:13px}.tiles dd{margin:0;font-size:20px;font-weight:600;font-variant-numeric:tabular-nums}
        .charts{display:grid;grid-template-columns:1fr 1fr;gap:16px}.both{grid-column:span 2}.both>svg+svg{display:none}@media(max-width:820px){.charts{grid-template-columns:1fr}.both{grid-column:auto}.both>svg{display:none}.both>svg+svg{display:block}main{padding:20px 12px 40px}}figure{margin:0;padding:10px 12px 6px;position:relative}
        .wide{overflow-x:auto;padding:6px 18px}table{border-collapse:collapse;width:100%}th,td{padding:7px 12px 7px 0;border-bottom:1px solid var(--line);text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
        th:first-child{text-align:left;padding-right:24px}tbody th{font-weight:400}thead th{color:var(--soft);font-weight:500;font-size:13px}tbody tr:last-child>*{border-bottom:0}
        .texts td,.texts th{text-align:left;white-space:normal;vertical-align:top;padding-right:24px}.texts td{overflow-wrap:break-word}.texts td:last-child{white-space:nowrap}.texts th:first-child{max-width:420px;min-width:220px}.matrix td{background:color-mix(in srgb,var(--accent) var(--share),transparent);padding-right:12px;border:1px solid var(--card)}.matrix th{padding-right:12px}
        .facts{columns:3 320px;column-gap:16px}.facts .card{break-inside:avoid;padding:14px 18px;margin:0 0 16px}.facts dl{display:grid;grid-template-columns:minmax(40%,auto) 1fr;gap:3px 16px;margin:0;font-size:13px}.facts dt{color:var(--soft);overflow-wrap:anywhere}.facts dd{margin:0;overflow-wrap:anywhere;font-variant-numeric:tabular-nums}
        .choice>input{position:absolute;opacity:0}.choice>label{display:inline-block;padding:5px 14px;margin:0 6px 14px 0;border:1px solid var(--line);border-radius:16px;background:var(--card);cursor:pointer;font-size:14px}
        .choice>input:checked+label{background:var(--accent);border-color:var(--accent);color:var(--card)}.choice>input:focus-visible+label{outline:2px solid var(--accent);outline-offset:2px}
        .choice>.charts{display:none}.choice:has(>input:nth-of-type(1):checked)>.charts:nth-of-type(1),.choice:has(>input:nth-of-type(2):checked)>.charts:nth-of-type(2),.choice:has(>input:nth-of-type(3):checked)>.charts:nth-of-type(3),.choice:has(>input:nth-of-type(4):checked)>.charts:nth-of-type(4){display:grid}
        #reading{position:fixed;pointer-events:none;display:none;padding:6px 10px;border-radius:6px;border:1px solid var(--line);background:var(--card);box-shadow:0 2px 8px #0003;font-size:12px;line-height:1.45;font-variant-numeric:tabular-nums;white-space:nowrap;z-index:1}
        @media print{body{background:none}figure,.card{break-inside:avoid}}
        """;

    /// <summary>Under the pointer: the values of a chart's lines there, read back from the drawing.</summary>
    public const string ReadingLine = """
        const box = document.body.appendChild(document.createElement('div')); box.id = 'reading';
        const figure = value => Math.abs(value) >= 1e15 || (value && Math.abs(value) < 1e-3) ? value.toExponential(3) : Math.abs(value) >= 1e4 ? Math.round(value).toLocaleString('en') : String(+value.toPrecision(4));
        for (const chart of document.querySelectorAll('svg.chart[data-x]')) {
          const [x0, x1, left, right, isLog] = chart.dataset.x.split(' ').map(Number), [y0, y1, bottom, top] = chart.dataset.y.split(' ').map(Number);
          const lines = [...chart.querySelectorAll('path.line[data-name]')].map(path => ({ name: path.dataset.name, color: getComputedStyle(path).stroke, points: [...path.getAttribute('d').matchAll(/([\d.-]+),([\d.-]+)/g)].map(pair => [+pair[1], +pair[2]]) }));
          const rule = chart.appendChild(document.createElementNS('http://www.w3.org/2000/svg', 'path')); rule.setAttribute('class', 'grid');
          chart.addEventListener('pointermove', event => {
            const place = new DOMPoint(event.clientX, event.clientY).matrixTransform(chart.getScreenCTM().inverse()).x;
            if (place < left - 4 || place > right + 4) { leave(); return; }
            const share = (place - left) / (right - left);
            const rows = lines.filter(line => line.points.length).map(line => { const nearest = line.points.reduce((best, point) => Math.abs(point[0] - place) < Math.abs(best[0] - place) ? point : best); return [line, y0 + (bottom - nearest[1]) / (bottom - top) * (y1 - y0)]; });
            box.replaceChildren(...[[null, isLog ? x0 * (x1 / x0) ** share : x0 + share * (x1 - x0)], ...rows].map(([line, value]) => { const row = document.createElement('div'); row.textContent = (line ? line.name : chart.dataset.label) + ' ' + figure(value); if (line) row.style.color = line.color; return row; }));
            rule.setAttribute('d', `M${place},${top}V${bottom}`);
            box.style.display = 'block';
            box.style.left = Math.min(event.clientX + 14, innerWidth - box.offsetWidth - 8) + 'px'; box.style.top = event.clientY + 14 + 'px';
          });
          const leave = () => { box.style.display = 'none'; rule.removeAttribute('d'); };
          chart.addEventListener('pointerleave', leave);
        }
        """;
}
