/* photos.js - pictures from a phone are made small before they travel: at most 1600 px, JPEG. */
const LIMIT = 1600, QUALITY = .82;

async function bitmap(file) {
    if (window.createImageBitmap) {
        try {
            return await createImageBitmap(file, { imageOrientation: 'from-image' });
        } catch (e) {
            /* an old webview without the option: the element below turns the picture itself */
        }
    }
    const img = new Image();
    img.src = URL.createObjectURL(file);
    await img.decode();
    return img;
}

export async function shrink(file) {
    if (!file.type.startsWith('image/')) return null;
    let source;
    try {
        source = await bitmap(file);
    } catch (e) {
        return file; /* a format this browser cannot read: the server decides */
    }
    const w = source.width, h = source.height, k = Math.min(1, LIMIT / Math.max(w, h));
    if (k === 1 && file.type === 'image/jpeg' && file.size < 600000) return file;
    const canvas = document.createElement('canvas');
    canvas.width = Math.round(w * k);
    canvas.height = Math.round(h * k);
    canvas.getContext('2d').drawImage(source, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, 'image/jpeg', QUALITY));
    return blob ? new File([blob], file.name.replace(/\.\w+$/, '') + '.jpg', { type: 'image/jpeg' }) : file;
}

/* A picker whose chosen pictures pile up in its own file input, so that a plain post sends them too. */
export function attach(box, changed) {
    const input = box.querySelector('input[type="file"]');
    const thumbs = box.querySelector('[data-thumbs]');
    const max = Number(box.dataset.max || 9);
    let files = [], shrinking = Promise.resolve(); /* one choice after the other */

    function publish() {
        const bag = new DataTransfer();
        files.forEach((f) => bag.items.add(f));
        input.files = bag.files;
        box.querySelector('.photo-add').hidden = thumbs.children.length >= max;
    }
    function add(file) {
        files.push(file);
        const figure = document.createElement('span');
        figure.className = 'thumb';
        const img = document.createElement('img');
        img.alt = file.name;
        img.src = URL.createObjectURL(file);
        const b = document.createElement('button');
        b.type = 'button';
        b.className = 'remove';
        b.setAttribute('aria-label', box.dataset.removeLabel);
        const cross = document.createElement('span');
        cross.textContent = '×';
        b.append(cross);
        b.addEventListener('click', () => {
            files = files.filter((f) => f !== file);
            URL.revokeObjectURL(img.src);
            figure.remove();
            publish();
            changed();
        });
        figure.append(img, b);
        thumbs.append(figure);
    }
    async function take(picked) {
        for (const f of picked) {
            if (thumbs.children.length >= max) break;
            const small = await shrink(f);
            if (small) add(small);
        }
        publish();
        changed();
    }
    input.addEventListener('change', () => {
        const picked = [...input.files];
        shrinking = shrinking.then(() => take(picked)).catch(() => {});
    });
    box.addEventListener('click', (e) => {
        const b = e.target.closest('[data-remove-photo]');
        if (!b) return;
        const gone = document.createElement('input');
        gone.type = 'hidden';
        gone.name = 'remove_photo';
        gone.value = b.dataset.removePhoto;
        box.append(gone);
        b.closest('.thumb').remove();
        publish();
        changed();
    });
    return {
        restore(list) {
            list.forEach(add);
            publish();
        },
        /* Resolves when the input holds all that was chosen: meanwhile it has the last choice alone, in full size. */
        ready: () => shrinking,
    };
}
