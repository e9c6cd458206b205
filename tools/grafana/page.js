// Plateau's dashboards by Grafana's own libraries: scenes (variables, queries, layout, panel frames), data (field
// configuration, transformations, units) and ui (what is drawn). Panels themselves are part of Grafana, not of its
// libraries: those below draw the shipped options with the libraries' parts. A heatmap has none; its buckets are lines.
import 'react-grid-layout/css/styles.css';
import 'react-resizable/css/styles.css';
import 'uplot/dist/uPlot.min.css';
import React from 'react';
import { createRoot } from 'react-dom/client';
import { MemoryRouter } from 'react-router-dom';
import { from, map } from 'rxjs';
import {
  createTheme, DataSourceApi, EventBusSrv, FieldConfigProperty, FieldType, getDisplayProcessor, getFieldDisplayName, identityOverrideProcessor, LoadingState,
  PanelPlugin, reduceField, standardEditorsRegistry, standardFieldConfigEditorRegistry, standardTransformers,
  standardTransformersRegistry, ThemeContext, toDataFrame,
} from '@grafana/data';
import { initPluginTranslations } from '@grafana/i18n';
import { config, setAppEvents, setDataSourceSrv, setPluginImportUtils, setRunRequest } from '@grafana/runtime';
import {
  DataSourceVariable, EmbeddedScene, QueryVariable, SceneControlsSpacer, SceneDataTransformer, SceneGridItem, SceneGridLayout,
  SceneGridRow, SceneQueryRunner, SceneTimePicker, SceneTimeRange, SceneVariableSet, VariableValueSelectors, VizPanel,
} from '@grafana/scenes';
import { BigValue, GlobalStyles, PortalContainer, Table, TimeSeries } from '@grafana/ui';

const theme = createTheme({ colors: { mode: new URLSearchParams(location.search).get('theme') ?? 'dark' } });
const h = React.createElement;
window.panels = {};  // by title: what became of it, for the program that looks

const labelsOf = (metric) => Object.fromEntries(Object.entries(metric).filter(([name]) => name !== '__name__'));
const legend = (format, metric) => (!format || format === '__auto'
  ? Object.entries(labelsOf(metric)).map(([name, value]) => `${name}="${value}"`).join(', ') || metric.__name__ || 'Value'
  : format.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, name) => metric[name] ?? ''));

// Of Prometheus' HTTP interface what the dashboards use. (@grafana/prometheus is not under a licence that fits.)
class Prometheus extends DataSourceApi {
  async ask(path, fields) {
    const answer = await fetch(`/prometheus/api/v1/${path}?${new URLSearchParams(fields)}`);
    const { data, error } = await answer.json();
    if (error) throw new Error(error);
    return data;
  }

  query(request) {
    return from(Promise.all(request.targets.map((target) => this.one(target, request))).then((frames) => ({ data: frames.flat() })));
  }

  async one(target, request) {
    const step = Math.max(1, Math.round(request.intervalMs / 1000));
    const variables = { __rate_interval: { value: '60s' }, __interval: { value: `${step}s` } };
    const query = this.templates(target.expr, { ...request.scopedVars, ...variables });
    const start = request.range.from.valueOf() / 1000, end = request.range.to.valueOf() / 1000;
    if (target.instant) {
      const { result } = await this.ask('query', { query, time: end });
      if (target.format === 'table') return this.table(target, result);
      return result.map(({ metric, value }) => this.series(target, metric, [value]));
    }
    const { result } = await this.ask('query_range', { query, start, end, step });
    return result.map(({ metric, values }) => this.series(target, metric, values));
  }

  series(target, metric, values) {
    const name = legend(target.legendFormat, metric);
    return toDataFrame({ refId: target.refId, name, fields: [
      { name: 'Time', type: FieldType.time, values: values.map(([at]) => at * 1000) },
      { name: 'Value', type: FieldType.number, values: values.map(([, value]) => Number(value)), labels: labelsOf(metric),
        config: { displayNameFromDS: name } }] });
  }

  table(target, result) {
    const names = [...new Set(result.flatMap(({ metric }) => Object.keys(metric)))];
    return [toDataFrame({ refId: target.refId, fields: [
      { name: 'Time', type: FieldType.time, values: result.map(({ value }) => value[0] * 1000) },
      ...names.map((name) => ({ name, type: FieldType.string, values: result.map(({ metric }) => metric[name] ?? '') })),
      { name: this.several ? `Value #${target.refId}` : 'Value', type: FieldType.number, values: result.map(({ value }) => Number(value[1])) }] })];
  }

  async metricFindQuery(query) {
    const text = this.templates(query.query ?? query, {});
    const [, , matcher, label] = /^label_values\(((.*),\s*)?(\w+)\)$/.exec(text);
    const found = await this.ask(`label/${label}/values`, matcher ? { 'match[]': matcher } : {});
    return found.map((value) => ({ text: value }));
  }

  testDatasource() {}
}

const source = new Prometheus({ name: 'Prometheus', type: 'prometheus', uid: 'prometheus', meta: { id: 'prometheus' } });

const custom = ['drawStyle', 'lineWidth', 'fillOpacity', 'showPoints', 'spanNulls', 'thresholdsStyle', 'stacking', 'axisPlacement', 'hideFrom',
  'align', 'cellOptions', 'lineInterpolation', 'barAlignment', 'barWidthFactor', 'scaleDistribution', 'pointSize'];
const defaults = { drawStyle: 'line', lineWidth: 1, fillOpacity: 0, showPoints: 'never', spanNulls: false, stacking: { mode: 'none', group: 'A' },
  thresholdsStyle: { mode: 'off' }, axisPlacement: 'auto', hideFrom: { viz: false, legend: false, tooltip: false }, lineInterpolation: 'linear',
  barAlignment: 0, barWidthFactor: 0.6, scaleDistribution: { type: 'linear' }, pointSize: 5, align: 'auto', cellOptions: { type: 'auto' } };
const property = (id) => ({ id, path: id, name: id, editor: () => null, override: () => null, process: identityOverrideProcessor, shouldApply: () => true });

function useCustomConfig(builder) {
  for (const name of custom)
    builder.addCustomEditor({ ...property(name), defaultValue: defaults[name] });
}

function seen(component) {
  return (props) => {
    const rows = props.data.series.reduce((sum, frame) => sum + frame.length, 0);
    window.panels[props.title] = { state: props.data.state, series: props.data.series.length, rows, error: props.data.errors?.[0]?.message ?? props.data.error?.message };
    return rows === 0 ? h('p', null, 'No data') : component(props);
  };
}

const lines = seen(({ data, width, height, timeRange, timeZone, options }) =>
  h(TimeSeries, { frames: data.series, structureRev: data.structureRev, width, height, timeRange, timeZone,
    legend: options.legend?.showLegend === undefined ? { displayMode: 'list', placement: 'bottom', showLegend: true, calcs: [] } : { calcs: [], ...options.legend },
    options }));

const stat = seen(({ data, width, height, options }) => {
  const fields = data.series.flatMap((frame) => frame.fields.filter((field) => field.type === FieldType.number).map((field) => [frame, field]));
  return h('div', { style: { display: 'flex' } }, fields.map(([frame, field], i) => {
    const last = reduceField({ field, reducers: ['lastNotNull'] }).lastNotNull;
    const display = field.display ?? getDisplayProcessor({ field, theme });
    const value = { ...display(last), title: getFieldDisplayName(field, frame, data.series) };
    const show = options.textMode === 'name' ? { ...value, text: value.title, prefix: '', suffix: '' } : value;
    return h(BigValue, { key: i, value: show, width: width / fields.length, height, theme, colorMode: options.colorMode,
      graphMode: 'none', justifyMode: options.justifyMode, textMode: options.textMode === 'name' ? 'value' : options.textMode });
  }));
});

const table = seen(({ data, width, height }) => h(Table, { data: data.series[0], width, height, initialSortBy: [] }));

const kinds = { timeseries: lines, heatmap: lines, stat, table };
const plugins = new Map(Object.entries(kinds).map(([id, component]) => {
  const color = { defaultValue: { mode: component === lines ? 'palette-classic' : 'thresholds' } };
  const plugin = new PanelPlugin(component).useFieldConfig({ useCustomConfig, standardOptions: { [FieldConfigProperty.Color]: color } });
  plugin.meta = { id, name: id, info: { logos: { small: '', large: '' } }, skipDataQuery: false };
  return [id, plugin];
}));

function variable(one) {
  if (one.type === 'datasource') return new DataSourceVariable({ name: one.name, label: one.label, pluginId: one.query, value: 'prometheus', text: 'Prometheus' });
  return new QueryVariable({ name: one.name, label: one.label, datasource: one.datasource, query: one.query, refresh: one.refresh, sort: one.sort,
    isMulti: one.multi, includeAll: one.includeAll, allValue: one.allValue, value: ['$__all'], text: ['All'] });
}

function panel(one) {
  const runner = new SceneQueryRunner({ datasource: one.datasource, queries: one.targets, maxDataPoints: 200, minInterval: '2s' });
  const $data = one.transformations ? new SceneDataTransformer({ $data: runner, transformations: one.transformations }) : runner;
  return new SceneGridItem({ key: `item-${one.id}`, x: one.gridPos.x, y: one.gridPos.y, width: one.gridPos.w, height: one.gridPos.h,
    body: new VizPanel({ title: one.title, description: one.description, pluginId: one.type, options: one.options, fieldConfig: one.fieldConfig, $data }) });
}

function scene(dashboard) {
  const children = [];
  for (const one of dashboard.panels)
    if (one.type === 'row') children.push(new SceneGridRow({ key: `row-${one.id}`, title: one.title, y: one.gridPos.y, x: 0, width: 24, height: 1, children: [] }));
    else children.at(-1).state.children.push(panel(one));
  return new EmbeddedScene({
    $timeRange: new SceneTimeRange({ from: 'now-2m', to: 'now' }),
    $variables: new SceneVariableSet({ variables: dashboard.templating.list.map(variable) }),
    controls: [new VariableValueSelectors({}), new SceneControlsSpacer(), new SceneTimePicker({})],
    body: new SceneGridLayout({ children }),
  });
}

function libraries() {
  config.theme2 = theme;
  config.bootData = { user: { timezone: 'utc', weekStart: 'monday', locale: 'en' }, settings: {}, navTree: [] };
  config.featureToggles = {};
  const transformers = new Map(Object.values(standardTransformers).map((one) => [one.id, one]));  // some have two names
  standardTransformersRegistry.setInit(() => [...transformers.values()].map((transformation) =>
    ({ id: transformation.id, name: transformation.name, transformation: async () => transformation, editor: () => null })));
  standardEditorsRegistry.setInit(() => []);
  standardFieldConfigEditorRegistry.setInit(() => ['unit', 'min', 'max', 'decimals', 'displayName', 'color', 'thresholds', 'mappings', 'links', 'noValue'].map(property));
  const settings = { ...source, meta: source.meta, name: 'Prometheus', uid: 'prometheus', type: 'prometheus' };
  setDataSourceSrv({ get: async () => source, getList: () => [settings], getInstanceSettings: () => settings, reload() {} });
  setAppEvents(new EventBusSrv());
  setPluginImportUtils({ importPanelPlugin: async (id) => plugins.get(id), getPanelPluginFromCache: (id) => plugins.get(id) });
  setRunRequest((chosen, request, ask) => from(ask ? ask(request) : chosen.query(request))
    .pipe(map((packet) => ({ state: LoadingState.Done, series: packet.data, timeRange: request.range, request }))));
}

async function start() {
  await initPluginTranslations('plateau').catch(() => {});
  libraries();
  const dashboard = await (await fetch(`/dashboards/${new URLSearchParams(location.search).get('dashboard')}.json`)).json();
  const made = scene(dashboard);
  const { sceneGraph } = await import('@grafana/scenes');
  source.templates = (text, scoped) => sceneGraph.interpolate(made, text, scoped, (value) =>
    (Array.isArray(value) ? `(${value.join('|')})` : String(value)));
  window.expected = dashboard.panels.filter((one) => one.type !== 'row').map((one) => one.title);
  source.several = dashboard.panels.some((one) => one.type === 'table' && one.targets.length > 1);
  document.body.style.background = theme.colors.background.canvas;
  createRoot(document.getElementById('root')).render(h(ThemeContext.Provider, { value: theme }, h(MemoryRouter, null,
    h(GlobalStyles), h('h1', { style: { padding: '8px 16px 0', fontSize: 20 } }, dashboard.title), h(made.Component, { model: made }), h(PortalContainer))));
}

start();
