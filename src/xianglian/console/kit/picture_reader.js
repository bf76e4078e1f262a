// A box that reads a QR code out of a picture taken here; the text goes to the page that holds the box.
import {readPicture} from "/assets/picture.js";

export default {
  template: `
    <label class="drop">
      <svg class="ic" viewBox="0 0 24 24" aria-hidden="true"><path d="M4 8h4l1.5-2.5h5L16 8h4v11H4zM12 10.5a3 3 0 1 0 .01 0"/></svg>
      <div>{{ title }}</div><span role="status">{{ said || hint }}</span>
      <input type="file" accept="image/*" @change="read">
    </label>`,
  props: {title: String, hint: String, told: Object},
  emits: ["text"],
  data() { return {said: ""}; },
  methods: {
    async read(event) {
      const file = event.target.files[0];
      if (!file) return;
      this.said = this.told.reading;
      try {
        const text = await readPicture(file);
        this.said = this.told.found;
        this.$emit("text", text);
      } catch {
        this.said = this.told.none;
      }
      event.target.value = "";
    },
  },
};
