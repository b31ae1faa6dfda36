/* wall.js - the big screen: nothing around the board, read again every minute (304 while nothing has changed). */
const wall = document.querySelector('[data-wall]');
if (wall) {
    document.documentElement.classList.add('is-wall');
    setTimeout(() => location.reload(), Number(wall.dataset.wall) * 1000);
}
