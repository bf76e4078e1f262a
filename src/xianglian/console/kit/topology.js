// The picture of a network: validators in the chain's box, access nodes below it. Places are worked out here; what
// changes (health, heights, who leads) comes through patch().
const WIDE = {width: 860, box: 150, row: 6};
const TALL = {width: 400, box: 150, row: 2};

export default {
  template: `
    <div ref="box">
      <svg class="tp" :viewBox="'0 0 ' + plan.width + ' ' + plan.height" role="img" :aria-label="label">
        <g v-for="edge in plan.edges" :key="edge.id">
          <path :d="edge.path" :class="['tp-e', edge.up ? '' : 'off']"/>
          <path v-if="edge.up && live.flow" :d="edge.path" class="tp-flow"/>
        </g>
        <g v-for="group in plan.groups" :key="group.id">
          <rect :x="group.x" :y="group.y" :width="group.w" :height="group.h" rx="14" class="tp-box" :stroke="group.colour"/>
          <rect :x="group.x" :y="group.y + 16" width="4" height="22" rx="2" :fill="group.colour"/>
          <text :x="group.x + 18" :y="group.y + 33" class="tp-t">{{ group.title }}</text>
          <text :x="group.x + group.w - 16" :y="group.y + 33" class="tp-h" text-anchor="end">{{ (live.groups || {})[group.id] || '' }}</text>
          <g v-for="node in group.nodes" :key="node.id">
            <title>{{ node.name }} · {{ node.org }}</title>
            <circle :cx="node.x" :cy="node.y" r="17" :class="'tp-n ' + node.health"/>
            <text :x="node.x" :y="node.y + 4.5" text-anchor="middle" :class="'tp-i ' + node.health">{{ node.mark }}</text>
            <circle v-if="node.leads" :cx="node.x" :cy="node.y" r="22" class="tp-lead"/>
            <text :x="node.x" :y="node.y + 38" text-anchor="middle" class="tp-l">{{ node.name }}</text>
            <text :x="node.x" :y="node.y + 54" text-anchor="middle" class="tp-o">{{ node.org }}</text>
            <text :x="node.x" :y="node.y + 71" text-anchor="middle" :class="'tp-v ' + node.health">{{ node.value }}</text>
          </g>
        </g>
      </svg>
    </div>`,
  props: {groups: Array, label: String, first: Object},
  emits: ["seen"],
  data() { return {narrow: false, live: this.first || {}}; },
  mounted() {
    this.watcher = new ResizeObserver((seen) => { this.narrow = seen[0].contentRect.width < 480; });
    this.watcher.observe(this.$refs.box);
    this.turned = () => this.$emit("seen", !document.hidden);
    document.addEventListener("visibilitychange", this.turned);
  },
  unmounted() {
    this.watcher.disconnect();
    document.removeEventListener("visibilitychange", this.turned);
  },
  computed: {
    plan() {
      const shape = this.narrow ? TALL : WIDE;
      const groups = [];
      let y = 8;
      for (const group of this.groups) {
        const count = Math.max(1, group.nodes.length);
        const row = Math.min(shape.row, count);
        const rows = Math.ceil(count / shape.row);
        const w = this.narrow ? shape.width - 16 : Math.min(shape.width - 16, Math.max(340, row * shape.box));
        const x = (shape.width - w) / 2;
        const nodes = group.nodes.map((node, i) => ({
          health: 'idle', value: '', ...node, ...((this.live.nodes || {})[node.id] || {}),
          x: x + w * ((i % shape.row) + .5) / row, y: y + 76 + 104 * Math.floor(i / shape.row),
        }));
        groups.push({...group, x, y, w, h: 62 + 104 * rows, nodes});
        y += 62 + 104 * rows + 46;
      }
      const edges = groups.slice(1).map((group, i) => ({
        id: group.id, path: `M ${shape.width / 2} ${group.y} L ${shape.width / 2} ${groups[i].y + groups[i].h}`,
        up: group.nodes.some((node) => node.health !== 'bad'),
      }));
      return {width: shape.width, height: y - 38, groups, edges};
    },
  },
  methods: { patch(live) { this.live = live; } },
};
