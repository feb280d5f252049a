// The chart face of a list: loaded only where a page shows one. The table beside it holds the same figures.
import { init, use } from "echarts/core";
import { BarChart } from "echarts/charts";
import { GridComponent, TooltipComponent } from "echarts/components";
import { CanvasRenderer } from "echarts/renderers";

use([BarChart, GridComponent, TooltipComponent, CanvasRenderer]);

function colours() {
  const style = getComputedStyle(document.documentElement);
  const of = (name) => style.getPropertyValue(name).trim();
  return { accent: of("--accent"), ink: of("--ink"), soft: of("--ink-soft"), line: of("--line"), surface: of("--surface"), font: getComputedStyle(document.body).fontFamily };
}

function options(rows) {
  const shade = colours();
  const words = { color: shade.soft, fontFamily: shade.font, fontSize: 12 };
  return {
    animationDuration: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 200,
    textStyle: { fontFamily: shade.font },
    grid: { left: 0, right: 56, top: 8, bottom: 8, containLabel: true },
    tooltip: {
      trigger: "axis", axisPointer: { type: "shadow" }, renderMode: "richText", backgroundColor: shade.surface, borderColor: shade.line,
      textStyle: { color: shade.ink, fontFamily: shade.font, fontSize: 12 }, formatter: ([bar]) => `${rows[bar.dataIndex].label}\n${rows[bar.dataIndex].text}`,
    },
    xAxis: { type: "value", axisLabel: { show: false }, splitLine: { show: false } },
    yAxis: { type: "category", inverse: true, data: rows.map((row) => row.label), axisTick: { show: false }, axisLine: { lineStyle: { color: shade.line } }, axisLabel: { ...words, width: 150, overflow: "truncate" } },
    series: [{
      type: "bar", data: rows.map((row) => row.value), barMaxWidth: 22, cursor: "pointer", itemStyle: { color: shade.accent, borderRadius: [0, 4, 4, 0] },
      label: { show: true, position: "right", formatter: (bar) => rows[bar.dataIndex].short, ...words },
    }],
  };
}

export function start(place) {
  const rows = JSON.parse(place.dataset.chart);
  place.classList.add("is-drawn");
  const chart = init(place, null, { height: Math.max(160, rows.length * 34 + 16) });
  chart.setOption(options(rows));
  chart.on("click", (bar) => { if (rows[bar.dataIndex].url) location.assign(rows[bar.dataIndex].url); });
  new ResizeObserver(() => chart.resize()).observe(place);
  new MutationObserver(() => chart.setOption(options(rows))).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
  return chart;
}
